// SPDX-License-Identifier: Apache-2.0
// Average precision of detected boxes, in the two usual ways: as in Pascal VOC since 2010 (area under the precision
// envelope over all recall points, boxes of whole pixels) and as in COCO (101 recall points, best 100 boxes per
// picture, mean over the overlaps 0.5, 0.55, ..., 0.95).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mien/face/boxes.h"

namespace mien::score {

/// One picture: its true and its predicted boxes, in the same pixels and the same class order.
struct DetectedPicture {
  std::vector<face::LabelledBox> truth;
  std::vector<face::ScoredBox> found;
};

/// A point of a precision-recall curve: the boxes with at least this score.
struct PrecisionPoint {
  double recall = 0, precision = 0;
  float score = 0;
};

/// The figures of one class; nothing if no picture has a box of it (and none can be found).
struct ClassPrecision {
  std::int64_t truths = 0, found = 0;           ///< boxes
  std::optional<double> voc50;                  ///< at overlap 0.5, Pascal VOC
  std::optional<double> coco50, coco;           ///< at overlap 0.5, and the mean from 0.5 to 0.95
  std::vector<PrecisionPoint> curve;            ///< at overlap 0.5, with Pascal VOC's hits, by descending score
  std::optional<double> precision, recall, f1;  ///< of the boxes with a score of 0.5 or more
};

struct DetectionScores {
  std::vector<ClassPrecision> classes;
  double voc_map50 = 0;  ///< means over the classes that occur in the truth; 0 if none does
  double coco_map50 = 0, coco_map = 0;
  std::int64_t pictures = 0, truths = 0, found = 0;
};

enum class BoxPixels {
  continuous,  ///< a box from 10 to 12 is 2 wide
  whole,       ///< corners are pixels: a box from 10 to 12 is 3 wide, as in Pascal VOC
};

/// Hits at one overlap, Pascal VOC: by descending score over all pictures, a box hits when the box of its class that it
/// overlaps most does so by `min_iou` or more and was not hit before.
std::vector<PrecisionPoint> voc_curve(const std::vector<DetectedPicture>& pictures, int label, double min_iou,
                                      BoxPixels pixels);
/// Area under the envelope of the curve.
double voc_average_precision(const std::vector<PrecisionPoint>& curve);

/// COCO: within a picture each box takes the free box of its class that it overlaps most; precision at 101 recalls.
/// Nothing if the class has no truth.
std::optional<double> coco_average_precision(const std::vector<DetectedPicture>& pictures, int label, double min_iou,
                                             std::size_t most_per_picture = 100);

/// All figures. Coordinates are whole pixels for the figures of Pascal VOC (rounded down for detections, to
/// the nearest for the truth) and continuous for COCO's.
DetectionScores score_detections(const std::vector<DetectedPicture>& pictures, std::size_t num_classes);

}  // namespace mien::score
