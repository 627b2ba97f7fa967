// SPDX-License-Identifier: Apache-2.0
// Training pictures (card 4).
#pragma once

#include "mien/batch/batch.h"
#include "mien/face/input_spec.h"
#include "mien/methods/ifer/config.h"

namespace mien::methods::ifer {

/// Stages "generator" and "inversion": resized, mirrored with probability one half.
batch::View face_view(const face::InputSpec& input);
/// Stage "recognition", as configured.
batch::View recognition_view(const IferConfig& config, const face::InputSpec& input);

/// Random crops (B,C,h,w) → (B,C,height,width), bilinear: the area uniform in [area_min, 1] of the picture, the ratio
/// of the sides log-uniform in [3/4, 4/3], the position uniform; crops that extend beyond the picture are clipped.
at::Tensor random_resized_crop(const at::Tensor& images, double area_min, std::int64_t height, std::int64_t width,
                               at::Generator& generator);

/// Smooths the targets of a batch and mixes it with itself in reverse order: mixup or cutmix, one half each if both
/// are on. Labels stay those of the pictures themselves.
void mix_batch(batch::Batch& batch, const IferConfig& config, at::Generator& generator);

}  // namespace mien::methods::ifer
