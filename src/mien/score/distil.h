// SPDX-License-Identifier: Apache-2.0
// Knowledge distillation by data (Hinton et al., "Distilling the knowledge in a neural network", arXiv 1503.02531): a
// copy of a pack whose training distributions come from trained models, the teachers. Training on them is the method's
// own: loss.votes is their share of the target.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mien/score/predictions.h"

namespace mien::score {

struct Teacher {
  std::string name, hash;  ///< for the record
  Predictor predictor;
  std::vector<std::string> classes;
  double temperature = 1;  ///< of its calibration
};

struct DistilOptions {
  double share = 1;          ///< of the teachers in the new distribution, 0..1; the rest is the old one
  double temperature = 1;    ///< at least 1: divides the teachers' calibrated logits, so that they are less sure
  bool flip = false;         ///< recorded: whether the predictors average over mirror images
  std::string command = {};  ///< as typed, for the record
  ProgressSink progress = {};
};

struct DistilReport {
  std::size_t samples = 0;  ///< training pictures
  std::size_t agree = 0;    ///< those whose label is the teachers' most probable class
  std::string hash;         ///< of the new pack
};

/// Mean of the teachers' probabilities for the training pictures, in the pack's order of indices: n × classes of the
/// pack. Classes that the pack lacks are left out, and the others scaled to sum to 1. Throws like
/// for_each_prediction().
std::vector<float> taught(const pack::Pack& pack, const std::vector<Teacher>& teachers, const DistilOptions& options,
                          const CancelToken& cancel);

/// Writes the pack with new distributions in its training part; labels, votes and the other parts stay. Throws usage
/// for a share outside 0..1 or a temperature below 1, otherwise like taught().
DistilReport write_distilled(const pack::Pack& source, const std::filesystem::path& path,
                             const std::vector<Teacher>& teachers, const DistilOptions& options,
                             const CancelToken& cancel);

Json to_json(const DistilReport& report);

}  // namespace mien::score
