// SPDX-License-Identifier: Apache-2.0
// One evaluation for all detectors: a predictor is a function from pack indices to boxes, so that a checkpoint under
// LibTorch and an exported model are evaluated by the same code.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/base/progress.h"
#include "mien/pack/pack.h"
#include "mien/score/average_precision.h"
#include "mien/score/evaluation_report.h"

namespace mien::score {

/// The boxes of each picture with these pack indices, after suppression, in packed pixels and the predictor's classes.
using BoxPredictor = std::function<std::vector<std::vector<face::ScoredBox>>(std::span<const std::uint32_t> indices)>;

struct DetectionOptions {
  std::size_t batch_size = 16;
  ProgressSink progress;       ///< may be empty
  bool with_baselines = true;  ///< DetectionEvaluation::baselines
};

/// The faces that are found, regardless of class, if boxes with a lower score are left out.
struct FacesFound {
  double score = 0;  ///< 0..1
  double precision = 0, recall = 0;
  double f1() const { return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0; }
};

/// The quality of the boxes without the predicted classes: the same boxes with one class; those that overlap a
/// better one by more than kMaxIouOfJudging are left out.
struct DetectionBaselines {
  double any_class50 = 0;  ///< average precision at overlap 0.5 (Pascal VOC) if all faces are of one class
  std::vector<PrecisionPoint> any_class;  ///< its curve
  int commonest = -1;          ///< most frequent class in the training part, or in this one if training has no faces
  double commonest_map50 = 0;  ///< mAP50 (Pascal VOC) if every box is given that class
};

/// The limit with the largest F1; among equal ones the highest. All 0 for an empty curve.
FacesFound best_limit(const std::vector<PrecisionPoint>& curve);
/// With the limit `score`.
FacesFound faces_found(const std::vector<PrecisionPoint>& curve, double score);

struct DetectionEvaluation {
  std::vector<std::string> classes;  ///< the pack's, in its order
  DetectionScores scores;
  std::optional<DetectionBaselines> baselines = {};
};

/// Evaluates a predictor on one split. Boxes are compared in the pixels of the original pictures if the pack contains
/// whole pictures and knows their sizes, otherwise in packed pixels. Throws bad_input if classes differ (like
/// for_each_prediction), the split is empty, a picture's boxes are not known, or a detected box is not finite.
DetectionEvaluation evaluate_boxes(const BoxPredictor& predictor, const std::vector<std::string>& predictor_classes,
                                   const pack::Pack& pack, pack::Split split, const DetectionOptions& options);

/// The machine-readable contract (docs/formats.md).
Json report_json(const DetectionEvaluation& evaluation, const Facts& facts);
/// Mean figures and those of each class.
std::string report_text(const DetectionEvaluation& evaluation, const Facts& facts);
/// {"precision_recall": {class: [[recall, precision, score]…]}}, at most 200 points each.
Json curves_json(const DetectionEvaluation& evaluation);

}  // namespace mien::score
