// SPDX-License-Identifier: Apache-2.0
// Picture operations on 8-bit values as in the Pillow library, for whole batches: those of the RandAugment
// family. Pictures are (B,C,H,W) float32 with integer values 0..255, C = 1 or 3; amounts are (B) float32.
#pragma once

#include <vector>

#include "mien/nn/torch.h"

namespace mien::batch::pillow {

/// Per channel: the darkest value becomes 0, the brightest 255; a flat channel stays.
at::Tensor auto_contrast(const at::Tensor& images);
/// Per channel: histogram equalisation by the table floor((floor(step/2) + values below) / step), step = floor((pixels
/// - count of the brightest value) / 255); step 0: unchanged.
at::Tensor equalize(const at::Tensor& images);
at::Tensor invert(const at::Tensor& images);
/// Keeps the highest `bits`, 0..8.
at::Tensor posterize(const at::Tensor& images, const at::Tensor& bits);
/// Inverts values at or above the threshold.
at::Tensor solarize(const at::Tensor& images, const at::Tensor& threshold);
/// Adds to values below 128, at most to 255.
at::Tensor solarize_add(const at::Tensor& images, const at::Tensor& amount);

/// degenerate + factor · (picture - degenerate), cut to 0..255 and truncated. The degenerate picture is the grey one,
/// the mean grey, black, or the smoothed picture. Factor 1 changes nothing; grey pictures have no colour to change.
at::Tensor color(const at::Tensor& images, const at::Tensor& factor);
at::Tensor contrast(const at::Tensor& images, const at::Tensor& factor);
at::Tensor brightness(const at::Tensor& images, const at::Tensor& factor);
at::Tensor sharpness(const at::Tensor& images, const at::Tensor& factor);

/// Rotates the hue by `shift` (B) of a full turn, -0.5..0.5, in Pillow's 8-bit HSV, where rounding changes even a shift
/// of 0 a little; grey pixels stay.
at::Tensor hue(const at::Tensor& images, const at::Tensor& shift);

/// The smoothed picture for sharpness, before rounding: 3×3 means with weight 5 in the middle, without the outermost
/// pixels. (B,C,H-2,W-2)
at::Tensor smooth_inside(const at::Tensor& images);

/// Luma (B,1,H,W) by Pillow's whole-number weights.
at::Tensor grey(const at::Tensor& images);

/// matrix (B,2,3): output pixel centre (x, y) in pixels → input position. Outside the picture: `fill` (one value
/// per channel); inside, bilinear or bicubic (slope -0.75, Pillow uses -0.5). Truncated to whole values.
at::Tensor transform(const at::Tensor& images, const at::Tensor& matrix, const std::vector<double>& fill,
                     bool cubic = false);
/// Counter-clockwise about the centre, in radians; x + amount·y or the reverse; shift of the sampling point in pixels.
at::Tensor rotation(const at::Tensor& angle, std::int64_t height, std::int64_t width);
at::Tensor shear(const at::Tensor& x, const at::Tensor& y);
at::Tensor translation(const at::Tensor& x, const at::Tensor& y);

}  // namespace mien::batch::pillow
