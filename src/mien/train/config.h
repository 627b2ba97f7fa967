// SPDX-License-Identifier: Apache-2.0
// Configuration of a training run in addition to the method's own fields.
#pragma once

#include <string>
#include <vector>

#include "mien/base/config.h"
#include "mien/face/input_spec.h"
#include "mien/nn/precision.h"

namespace mien::train {

struct TrainConfig {
  std::string method = "dan";
  std::string name;                 ///< run folder runs/train/<name>; empty: method and data
  std::string pack;                 ///< packed data set
  std::string truth;                ///< list of labels before noise, for monitors; empty: none
  std::vector<std::string> stages;  ///< to run, by name; empty: all of the method's
  int epochs = 40;
  int batch_size = 128;
  std::int64_t samples = 0;  ///< training pictures to use, drawn by the seed; 0: all
  std::int64_t seed = 0;
  std::string device = "cpu";
  nn::Precision precision = nn::Precision::automatic;
  bool channels_last = true;
  double ema_decay = 0;  ///< 0: none
  int eval_every = 1;
  double save_minutes = 5;  ///< checkpoint inside long epochs
  int threads = 0;          ///< 0: all allowed cores
  // Input
  int input_size = 112;
  std::vector<double> mean{0.508}, std{0.255};
  std::string contrast = "none";  ///< "none" or "clahe"
};

void declare(Fields& fields, TrainConfig& config);

/// Size, scaling and crop rule of the network's input for pictures of a pack. Throws usage if mean and std do not
/// fit the pack's channels.
face::InputSpec input_spec(const TrainConfig& config, int pack_channels, int pack_side);

}  // namespace mien::train
