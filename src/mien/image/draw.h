// SPDX-License-Identifier: Apache-2.0
// The annotated picture: boxes, landmarks and labels; line width and text size follow the picture's size.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mien/face/prediction.h"
#include "mien/image/image.h"

namespace mien::image {

struct Annotation {
  face::Detection detection;
  std::string label;  ///< "happiness 97 %"
};
/// Draws all faces into `image`. Labels stay inside the picture and do not overlap if there is room.
void draw_faces(Image& image, const std::vector<Annotation>& annotations);
/// Writes JPEG, PNG, WebP, BMP or TIFF by the suffix, completely or not at all; creates parent folders. Throws usage
/// for another suffix.
void write_image(const std::filesystem::path& path, const Image& image);

}  // namespace mien::image
