// SPDX-License-Identifier: Apache-2.0
// The input of a network: size, channels, scaling and position of the face in the crop. Data, not code: it travels
// in the model card and is applied by both training (nn) and recognition (runtime).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/face/clahe.h"
#include "mien/face/geometry.h"

namespace mien::face {

/// Positions of the landmarks in the crop, as fractions of its side (0..1 from the top left corner). Measured on the
/// training pictures, so that recognition crops faces as in training.
struct CropRule {
  std::string name = "ferplus";
  /// Medians over 2,000 training pictures of FER+, made symmetric (docs/results/crop-rule.md). Eyes: their centres;
  /// mouth: middle between the corners.
  Point left_eye{0.311f, 0.386f}, right_eye{0.689f, 0.386f}, nose{0.500f, 0.619f}, mouth{0.500f, 0.755f};
  /// The map from picture pixels to crop pixels of a square crop with the given side.
  Similarity crop_from_image(const Landmarks& landmarks, int side_px) const;
};

enum class InputKind {
  face,     ///< one face, cut and aligned by the crop rule
  picture,  ///< a whole picture, scaled to fit with its shape kept, between grey borders (face/letterbox.h)
};

struct InputSpec {
  InputKind kind = InputKind::face;
  int width = 112, height = 112;    ///< pixels
  int channels = 1;                 ///< 1 grey (ITU-R BT.601), 3 red-green-blue
  std::vector<float> mean{0.508f};  ///< per channel, of values scaled to 0..1
  std::vector<float> std{0.255f};   ///< network input = (value / 255 - mean) / std
  int source_side = 48;  ///< the crop is first cut at this side (pixels) as in the pack, then enlarged; 0: directly
  CropRule crop;         ///< of a face; not used for a whole picture
  /// A step on the grey crop at input size, before scaling by mean and std; packs keep raw pixels.
  std::optional<ClaheRule> contrast = {};
};

Json to_json(const CropRule& rule);
Json to_json(const InputSpec& spec);
/// Throw bad_input if a field is missing, of the wrong type or out of range.
CropRule crop_rule_from_json(const Json& json, const std::string& origin);
InputSpec input_spec_from_json(const Json& json, const std::string& origin);

}  // namespace mien::face
