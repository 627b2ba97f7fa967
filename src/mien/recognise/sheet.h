// SPDX-License-Identifier: Apache-2.0
// The picture sheet: one picture with its faces, and for each face a row of what the prediction was made from.
#pragma once

#include <opencv2/core/mat.hpp>
#include <vector>

#include "mien/recognise/evidence.h"
#include "mien/recognise/picture_maps.h"
#include "mien/recognise/picture_report.h"

namespace mien::recognise {

inline constexpr std::size_t kMaxSheetFaces = 10;  ///< the sheet says how many more there are

/// `annotated` is the picture with its boxes; `evidence` belongs to report.recognition.faces, in their order.
/// `picture`: of a model that detects faces itself, a row of its own.
cv::Mat sheet(const recognise::PictureReport& report, const cv::Mat& annotated,
              const std::vector<FaceEvidence>& evidence, const face::ModelCard& card,
              const PictureMaps* picture = nullptr);

}  // namespace mien::recognise
