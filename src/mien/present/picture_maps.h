// SPDX-License-Identifier: Apache-2.0
// The evidence of a whole picture (box_evidence.h) as pictures for people.
#pragma once

#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/present/evidence.h"

namespace mien::present {

/// The gates of one block.
struct GateStrip {
  std::string output;        ///< "gates_p4"
  std::string meaning;       ///< as in the card
  std::vector<float> gates;  ///< 0..1, one per channel
  cv::Mat picture;           ///< a column per channel, as high as its gate, B,G,R
};

struct PictureMaps {
  cv::Mat view;                   ///< the input with the boxes of all faces, B,G,R
  MapGroup heat;                  ///< one tile
  std::vector<MapGroup> outputs;  ///< step sizes of each block, a tile per direction
  std::vector<GateStrip> gates;
};

/// Of a recognition by a model that detects faces itself. Throws bad_input where it has no evidence.
PictureMaps picture_maps(const recognise::Recognition& recognition, const face::ModelCard& card);
/// The effective receptive field of a face, over the whole input with the face's box.
MapGroup field_group(const recognise::BoxEvidence& box, const recognise::PictureEvidence& picture,
                     const face::ModelCard& card);
/// {"stride", "objectness", "class_score", "steps": {output: {direction: number}}}
Json to_json(const recognise::BoxEvidence& box);
/// Outlines a box, input pixels, in a view of the whole input.
void outline(cv::Mat& view, const face::Box& box, const face::ModelCard& card);

/// One name for each picture, without suffix: "heat_map", "steps_p4-1", …, "gates_p4"; and the pictures in that order.
std::vector<std::string> picture_names(const PictureMaps& maps);
std::vector<cv::Mat> picture_tiles(const PictureMaps& maps);
/// Their numbers and `files`, in the same order.
Json summary(const PictureMaps& maps, const std::vector<std::string>& files);

}  // namespace mien::present
