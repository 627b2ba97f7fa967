// SPDX-License-Identifier: Apache-2.0
// Augmentation of pictures with boxes (card 4): one picture scaled, stretched and moved; four in a mosaic; two mixed.
#pragma once

#include <array>
#include <vector>

#include "mien/nn/torch.h"

namespace mien::methods::fer_yolo_mamba {

/// A picture with its faces.
struct Scene {
  at::Tensor pixels;  ///< (3,h,w) red-green-blue or (1,h,w) grey, float32, whole numbers 0..255
  at::Tensor boxes;   ///< (n,5) float32: left, top, right, bottom in whole pixels, class
};

inline constexpr float kBorder = 128;  ///< value of pixels that no picture covers

/// Bicubic with smoothing (Pillow's kernel, a = -1/2), rounded. (3,h,w) → (3,height,width)
at::Tensor resize(const at::Tensor& pixels, std::int64_t height, std::int64_t width);

/// Scaled by a factor of 0.25 to 2 with its shape changed by up to 1.3/0.7, placed randomly on a canvas of the same
/// size, mirrored half of the time; colours jittered.
Scene augment(const Scene& scene, at::Generator& generator);

/// Four scenes around a point between 30 and 70 % of either side, each touching it with its inner corner: top left,
/// bottom left, bottom right, top right. Boxes are clipped by quadrant; those with a side below 2 pixels are removed.
Scene mosaic(const std::array<Scene, 4>& scenes, at::Generator& generator);

/// The mean of both pictures with the boxes of both.
Scene mix(const Scene& a, const Scene& b);

/// Hue, saturation and value times 1 + U(-1,1)·(0.1, 0.7, 0.4), in 8 bits as in OpenCV (hue 0..179).
at::Tensor jitter_colours(const at::Tensor& pixels, at::Generator& generator);
/// The same with given factors.
at::Tensor scale_colours(const at::Tensor& pixels, double hue, double saturation, double value);

/// Boxes clipped to a picture of this size; those with a side of 1 pixel or less are removed.
at::Tensor keep_inside(const at::Tensor& boxes, std::int64_t height, std::int64_t width);

}  // namespace mien::methods::fer_yolo_mamba
