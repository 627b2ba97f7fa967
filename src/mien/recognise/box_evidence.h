// SPDX-License-Identifier: Apache-2.0
// What the boxes of a model that detects faces itself were made from (card fer-yolo-mamba 7): for the picture a heat
// map of the scores, the step sizes of the scans and the gates of the channels; for each face an occlusion map, the
// effective receptive field and the step sizes inside its box. All of it is measured with the exported network.
#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "mien/face/boxes.h"
#include "mien/image/crop.h"
#include "mien/image/whole_picture.h"
#include "mien/recognise/occlusion.h"
#include "mien/runtime/box_session.h"

namespace mien::recognise {

inline constexpr int kFieldCells = 16;  ///< of the receptive field, per side of the input

/// Of one picture.
struct PictureEvidence {
  cv::Mat view;                           ///< the input in colour between its borders, B,G,R, enlarged for people
  face::Letterbox letterbox;              ///< between picture and input
  cv::Mat heat;                           ///< 32-bit floats, size of `view`: best score of any level and class, 0..1
  std::vector<runtime::OutputMaps> maps;  ///< outputs of kind maps: step sizes (K,h,w) of each block
  std::vector<face::FaceValues> gates;    ///< outputs of kind features: one gate per channel of each block
};

/// Of one face, beside its crop, view and occlusion map.
struct BoxEvidence {
  face::Box box;                  ///< input pixels
  int stride = 0;                 ///< input pixels per cell of the level that found the face
  float objectness = 0;           ///< 0..1
  float class_score = 0;          ///< 0..1, of its class; the product of both is the score
  std::vector<float> field = {};  ///< kFieldCells², row-major: |d log-odds of the score / d grey level| of each cell
  /// For each output of kind maps, by direction: mean step size in the box divided by that of the whole picture.
  std::vector<face::FaceValues> steps = {};
};

/// Everything that one run over the picture gives. `image`: the picture that `whole` was made from.
PictureEvidence picture_evidence(runtime::BoxSession& session, const image::Image& image,
                                 const image::WholePicture& whole, const face::ModelCard& card);
/// Level, scores and step sizes of a box that the network found in that picture; `field` stays empty.
BoxEvidence box_evidence(const face::ScoredBox& found, const PictureEvidence& picture, const face::ModelCard& card);

/// The square about a box that its crop shows, twice as large as the longer side of the box, in input pixels.
cv::Rect window_of(const face::Box& box);
/// That square of the input as a crop; grey beyond the input.
image::Crop window_crop(const image::WholePicture& whole, const face::Box& box);

/// Log-odds that the face's score loses when a square of its window is covered, as occlusion_map() of a face crop: the
/// best score for the class among boxes that overlap the face's by half or more. One run per square that lies inside
/// the input.
OcclusionMap box_occlusion(runtime::BoxSession& session, const image::WholePicture& whole, const face::ScoredBox& face,
                           const face::ModelCard& card);

/// The effective receptive field of each face (BoxEvidence::field), by central differences: each cell of the picture
/// two grey levels brighter and darker, all faces read from the same two runs. Fixed cell of the network's grid.
std::vector<std::vector<float>> receptive_fields(runtime::BoxSession& session, const image::WholePicture& whole,
                                                 std::span<const face::ScoredBox> faces, const face::ModelCard& card);

/// "rows", "columns", … for step sizes with that many maps; numbers where no scan has so many directions.
std::vector<std::string> direction_names(std::size_t count);

}  // namespace mien::recognise
