// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/centerface.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "mien/base/error.h"
#include "mien/face/finite.h"

namespace mien::detect {
namespace {

face::Detection decode_cell(const CenterFaceMaps& maps, int x, int y) {
  const std::size_t plane = static_cast<std::size_t>(maps.width) * maps.height,
                    cell = static_cast<std::size_t>(y) * maps.width + x;
  constexpr float stride = kCenterFaceStride;
  const float height = std::exp(maps.scale[cell]) * stride, width = std::exp(maps.scale[plane + cell]) * stride;
  const float centre_y = (static_cast<float>(y) + maps.offset[cell] + 0.5f) * stride;
  const float centre_x = (static_cast<float>(x) + maps.offset[plane + cell] + 0.5f) * stride;
  // Landmarks are relative to the corner inside the picture, as the boxes were marked in training.
  const float left = std::max(0.0f, centre_x - width / 2), top = std::max(0.0f, centre_y - height / 2);
  std::array<face::Point, 5> p;
  for (std::size_t i = 0; i < p.size(); ++i)
    p[i] = {left + maps.landmarks[(2 * i + 1) * plane + cell] * width,
            top + maps.landmarks[2 * i * plane + cell] * height};
  return {face::clip({left, top, width, height}, static_cast<float>(maps.width) * stride,
                     static_cast<float>(maps.height) * stride),
          maps.heat[cell], face::Landmarks{p[0], p[1], p[2], p[3], p[4]}};
}

}  // namespace

std::vector<face::Detection> decode_centerface(const CenterFaceMaps& maps, float min_score) {
  const std::size_t plane =
      static_cast<std::size_t>(std::max(0, maps.width)) * static_cast<std::size_t>(std::max(0, maps.height));
  check_input(plane > 0 && maps.heat.size() == plane && maps.scale.size() == 2 * plane &&
                  maps.offset.size() == 2 * plane && maps.landmarks.size() == 10 * plane,
              "CenterFace's outputs do not match each other.");
  std::vector<face::Detection> found;
  for (int y = 0; y < maps.height; ++y)
    for (int x = 0; x < maps.width; ++x)
      if (maps.heat[static_cast<std::size_t>(y) * maps.width + x] >= min_score)
        found.push_back(decode_cell(maps, x, y));
  std::erase_if(found, [](const auto& d) { return !is_finite(d); });
  return suppress_overlaps(std::move(found), face::kMaxIouOfFaces);
}

}  // namespace mien::detect
