// SPDX-License-Identifier: Apache-2.0
// One evaluation for all: a predictor is a function from pack indices to logits, so that a checkpoint under LibTorch
// and an exported model are evaluated by the same code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/face/calibration.h"
#include "mien/score/breakdown.h"
#include "mien/score/classification.h"
#include "mien/score/predictions.h"
#include "mien/score/selection.h"

namespace mien::score {

struct Options {
  std::size_t batch_size = 64;
  double temperature = 1;
  std::uint64_t seed = 0;                      ///< of the bootstrap
  ProgressSink progress;                       ///< may be empty
  std::optional<face::RiskThreshold> abstain;  ///< also evaluate abstention
  std::vector<Grouping> by;                    ///< also evaluate groups of pictures
};

/// The result for one picture.
struct Outcome {
  std::uint32_t picture = 0;              ///< index in the pack
  std::uint8_t truth = 0, predicted = 0;  ///< classes of the pack
  float confidence = 0;                   ///< probability of the predicted class
  bool correct() const { return truth == predicted; }
};

struct Evaluation {
  std::vector<std::string> classes;  ///< the pack's, in its order, then those that only the predictor knows
  score::Confusion confusion{0};
  std::size_t samples = 0;
  double accuracy = 0;
  score::Interval accuracy_interval;  ///< 95 %
  double mean_recall = 0, macro_f1 = 0, ece = 0;
  double nll = 0;                              ///< mean negative log likelihood of the label, nats
  double kl_votes = 0;                         ///< mean KL(vote distribution || probabilities), nats
  std::vector<Outcome> outcomes;               ///< in the pack's order
  std::vector<std::string> hints;              ///< "anger and disgust look exchanged", ...
  std::optional<face::RiskThreshold> abstain;  ///< as requested
  score::Selection selection;                  ///< its effect here
  std::vector<Breakdown> by;                   ///< as requested
};

/// Evaluates a predictor on one split. Classes are matched by name: a predicted class that the pack does not have is
/// wrong. Throws like for_each_prediction and break_down.
Evaluation evaluate(const Predictor& predictor, const std::vector<std::string>& predictor_classes,
                    const pack::Pack& pack, pack::Split split, const Options& options);

/// The figures of the machine-readable contract (docs/formats.md); the caller adds model, data, command.
Json to_json(const Evaluation& evaluation);

}  // namespace mien::score
