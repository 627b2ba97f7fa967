// SPDX-License-Identifier: Apache-2.0
// The annotated picture: boxes, landmarks and labels; line width and text size follow the picture's size.
#pragma once

#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <string>

#include "mien/face/prediction.h"

namespace mien::vision {

/// Draws one face with its label ("happiness 97 %") into `image`; the label stays inside the picture.
void draw_face(cv::Mat& image, const face::Detection& detection, const std::string& label);
/// Writes JPEG, PNG, WebP, BMP or TIFF by the suffix, whole or not at all; parent folders are made. Throws usage for
/// another suffix.
void write_image(const std::filesystem::path& path, const cv::Mat& image);

}  // namespace mien::vision
