// SPDX-License-Identifier: Apache-2.0
// The explanation of one picture as a section of the report page.
#pragma once

#include <vector>

#include "mien/recognise/evidence.h"
#include "mien/recognise/picture_maps.h"
#include "mien/recognise/picture_report.h"
#include "mien/report/page.h"

namespace mien::recognise {

/// JPEG of `picture`, at most `most_px` on its longer side, as a data URI.
std::string embedded(const cv::Mat& picture, int most_px);
/// The picture, its own maps where the model detects faces itself (`maps`), and, face by face: facts of the stages, all
/// probabilities, and every map with what it means.
report::Html picture_section(const recognise::PictureReport& report, const cv::Mat& annotated,
                             const std::vector<FaceEvidence>& evidence, const face::ModelCard& card,
                             const PictureMaps* maps = nullptr);

}  // namespace mien::recognise
