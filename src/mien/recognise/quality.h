// SPDX-License-Identifier: Apache-2.0
// Reasons to doubt a prediction that can be seen in the crop itself.
#pragma once

#include <string>
#include <vector>

#include "mien/image/crop.h"

namespace mien::recognise {

/// Energy of the finest detail against the contrast of the whole crop: variance of the Laplacian / variance of the
/// greys.
double sharpness(const cv::Mat& crop);

/// Short notes, empty if nothing is wrong: small (fewer picture pixels than `trained_side`), blurred, cut off, flat.
std::vector<std::string> notes_on(const image::Crop& crop, int trained_side);

/// "turned: 90 degrees clockwise" if the eyes' line differs by more than 30 degrees from upright, otherwise empty.
std::string note_on_turn(const face::Landmarks& landmarks);

}  // namespace mien::recognise
