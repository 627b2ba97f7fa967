// SPDX-License-Identifier: Apache-2.0
// Configuration of the part-based ensemble: every ablation of the card is a field. Defaults are the recipe `tuned`
// (card 4.3); configs/part-based/notebook.toml repeats the authors' notebook.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mien/method/common_config.h"
#include "mien/methods/part_based/network.h"

namespace mien::methods::part_based {

/// The source of the bodies of stage 2.
enum class Bodies { landmarks, random };
constexpr auto words_of(Bodies) { return std::array{"landmarks", "random"}; }

enum class Augment { reference, none };
constexpr auto words_of(Augment) { return std::array{"reference", "none"}; }

/// Length of one kind of stage.
struct StageLength {
  int epochs = 0;
  int steps = 30;     ///< per epoch; 0: a pass over the pictures
  int patience = 10;  ///< ends the stage after this many epochs without a better figure; 0: never
};

struct PartBasedConfig : method::CommonConfig {
  // Network (card 2)
  std::vector<std::string> parts{"eyebrows", "eyes", "nose", "mouth", "jaw"};
  int width = 16;           ///< channels of the first two layers
  int landmark_layers = 2;  ///< linear layers of the landmark head
  double norm_momentum = 0.01;
  EnsembleRule ensemble = EnsembleRule::mean;
  Bodies bodies = Bodies::landmarks;
  // Stage 1: landmarks
  StageLength landmarks{60, 30, 10};
  double demand = 0.25;  ///< fraction by which stage 1 must beat the best constant predictor
  // Stage 2: expression
  StageLength expression{150, 30, 20};
  bool freeze_features = true;
  bool cache = true;        ///< features of unaugmented pictures, computed once
  int recalibrate = 20;     ///< batches over which the norms' statistics are recomputed; 0: none
  bool standardise = true;  ///< features to mean 0 and deviation 1 per channel
  Augment augment = Augment::reference;
  PartBasedConfig();

  bool trains_landmarks() const { return bodies == Bodies::landmarks && backbone.empty(); }
};

void declare(Fields& fields, PartBasedConfig& config);

NetworkOptions network_options(const PartBasedConfig& config, std::int64_t num_classes, std::int64_t channels);

/// Computes the tensors of the golden file.
void golden(method::GoldenScribe& scribe);
/// The method's entry in the registry.
std::unique_ptr<method::MethodConfig> make_config();

}  // namespace mien::methods::part_based
