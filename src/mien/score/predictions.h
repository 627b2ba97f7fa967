// SPDX-License-Identifier: Apache-2.0
// A predictor over one part of a pack, picture by picture: the common part of all evaluations.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "mien/base/progress.h"
#include "mien/pack/pack.h"

namespace mien::score {

/// Row-major logits (n × K) for the pictures with these pack indices, in the predictor's class order.
using Predictor = std::function<std::vector<float>(std::span<const std::uint32_t> indices)>;

struct PredictionOptions {
  std::size_t batch_size = 64;
  double temperature = 1;
  ProgressSink progress;  ///< may be empty
};

/// Predictor column → pack class, by name. Throws bad_input naming both lists if they differ.
std::vector<std::size_t> match_classes(const std::vector<std::string>& predictor, const std::vector<std::string>& pack);

/// The pack's classes in its order, then those that only the predictor knows, by name.
std::vector<std::string> joint_classes(const std::vector<std::string>& predictor_classes, const pack::Pack& pack);

/// Visits every picture of the split in the pack's order with its probabilities, in the order of joint_classes: a label
/// of the pack is its position there too. A class of the pack that the predictor lacks has probability 0. Throws
/// bad_input if the predictor and the pack have fewer than two classes in common, if a picture of the split has a
/// label that the predictor lacks, for a logit that is not finite, a picture without label and an empty split.
void for_each_prediction(const Predictor& predictor, const std::vector<std::string>& predictor_classes,
                         const pack::Pack& pack, pack::Split split, const PredictionOptions& options,
                         const std::function<void(std::uint32_t picture, std::span<const float> probabilities)>& visit);

}  // namespace mien::score
