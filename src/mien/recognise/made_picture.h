// SPDX-License-Identifier: Apache-2.0
// Pictures that a generative network makes, and the crops that it made them of, as pictures for people.
#pragma once

#include <opencv2/core/mat.hpp>

#include "mien/face/input_spec.h"
#include "mien/runtime/expression_model.h"

namespace mien::recognise {

/// values (C, h, w), C 1 or 3, scaled as the network's input → h × w, B,G,R. Throws bad_input for another shape.
cv::Mat made_picture(const runtime::OutputMaps& values, const face::InputSpec& input);
/// A crop (grey or red-green-blue, as the network sees it) → B,G,R of the same size.
cv::Mat input_picture(const cv::Mat& crop);
/// kViewSide pixels, without smoothing.
cv::Mat enlarged(const cv::Mat& picture);

}  // namespace mien::recognise
