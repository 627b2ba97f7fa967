// SPDX-License-Identifier: Apache-2.0
// The basis of a prediction as pictures: the face as the network received it, and one coloured tile per map.
#pragma once

#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/recognise/heat_map.h"
#include "mien/recognise/recognizer.h"

namespace mien::present {

struct MapTile {
  std::string unit;          ///< "happiness", "head 2"
  recognise::Scale scale;    ///< of the colours
  double low = 0, high = 0;  ///< smallest and largest value
  face::Point peak;          ///< centre of the cell with the largest value, in picture pixels
  cv::Mat picture;           ///< kViewSide, B,G,R
};

/// The maps of one output.
struct MapGroup {
  std::string output;    ///< "class_maps"; "occlusion" is mien's own
  std::string title;     ///< for people
  std::string meaning;   ///< as in the card
  std::string quantity;  ///< what the numbers are: "logits"; empty: no unit
  std::string words;     ///< instead of the range, if numbers alone are not helpful
  int rows = 0, columns = 0;
  std::vector<MapTile> tiles;
  std::size_t chosen = 0;  ///< the tile of the predicted class, otherwise 0
};

/// A picture that the network makes of the face.
struct MadePicture {
  std::string output;   ///< "reconstruction"
  std::string meaning;  ///< as in the card
  cv::Mat picture;      ///< kViewSide, B,G,R
};
inline constexpr const char* kMadePictureTitle = "How the model sees the face";

/// Landmarks of one part that the network itself predicts.
struct PredictedLandmarks {
  std::string part;                 ///< "eyes"
  std::vector<face::Point> points;  ///< picture pixels
};

struct FaceEvidence {
  cv::Mat view;   ///< colour, with the landmarks, kViewSide
  cv::Mat input;  ///< input of the network: crop pixels, enlarged without smoothing
  int crop_side = 0;
  double rotation_deg =
      0;             ///< rotation that makes the face upright; clockwise tilt of the face in the picture is positive
  double scale = 0;  ///< picture pixels per crop pixel
  double face_side_px = 0, outside = 0;
  std::vector<PredictedLandmarks> landmarks;  ///< also drawn in `view`, a colour for each part
  MapGroup occlusion;
  std::vector<MapGroup> groups;         ///< of the model's outputs, and Score-CAM; empty: the file has no maps
  std::vector<face::FaceValues> gates;  ///< feature vectors of factors >= 0, one per channel
  std::vector<MadePicture> pictures;    ///< of a generative model, whose file was exported with them
};

/// Throws bad_input if an output's shape does not fit the card. `picture`: the evidence of the whole picture, where the
/// model detects faces itself.
FaceEvidence evidence_of(const recognise::RecognizedFace& face, const face::ModelCard& card,
                         const recognise::PictureEvidence* picture = nullptr);
/// Appends an entry per tile to "maps": its place, its range and its file, which is the next of `files`.
void append_maps(Json& maps, const MapGroup& group, const std::vector<std::string>& files, std::size_t& next);
/// Geometry and maps without pixels; `files` (as from tile_names) are the pictures' paths, in the same order.
Json summary(const FaceEvidence& evidence, const std::vector<std::string>& files);
/// One name for each picture, without suffix: "crop", "input", "occlusion", "class_maps-happiness", "head_maps-1", ...,
/// and those of the network's own pictures: "reconstruction".
std::vector<std::string> tile_names(const FaceEvidence& evidence);
/// The pictures, in the order of tile_names.
std::vector<cv::Mat> tile_pictures(const FaceEvidence& evidence);
/// The predicted class's values of the same things ("class_weights" to "weights"); null if the model gives none.
const face::FaceValues* of_class(const std::vector<face::FaceValues>& all, const face::FaceValues& values);
/// "−0.3 to +14 logits", "3.1 to 48"; the group's own words where it has some.
std::string range_text(const MapGroup& group, const MapTile& tile);

}  // namespace mien::present
