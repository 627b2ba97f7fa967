// SPDX-License-Identifier: Apache-2.0
// One listed picture → the pixels of a pack, and its fields in packed pixels.
#pragma once

#include <opencv2/core/mat.hpp>
#include <string>

#include "mien/dataset/file_tree.h"
#include "mien/dataset/packing.h"

namespace mien::dataset {

struct Cut {
  cv::Mat pixels;  ///< empty: no face was found
  std::string defect_kind = "unreadable picture";
  std::string defect;        ///< the picture or the box, and the reason; "" if nothing is wrong
  pack::Sample sample;       ///< the item's, with landmarks, pose and boxes as the pixels need them
  bool is_estimated = true;  ///< false: points or angles were requested and no face was detected
};

/// Tools of one thread.
struct CutTools {
  image::FaceDetector* detector =
      nullptr;  ///< nullptr: each picture is a face crop, or is stored whole with its own boxes
  image::FaceMeshEstimator* estimator = nullptr;  ///< nullptr: nothing is estimated
};

/// Landmarks and boxes of the item, in picture pixels, are transformed with the picture; boxes are removed if a face is
/// cut out. Missing landmarks and poses are estimated if `options` request them.
Cut cut(const FileTree& tree, const Item& item, const PackOptions& options, const CutTools& tools);

}  // namespace mien::dataset
