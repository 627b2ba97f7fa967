// SPDX-License-Identifier: Apache-2.0
// The ten crops of the SFEW recipe (card section 4): training uses them as separate pictures,
// prediction averages over them.
#pragma once

#include "mien/batch/batch.h"

namespace mien::methods::ada_df {

inline constexpr std::int64_t kCrops = 10;

/// (B,C,H,W) → (10 B,C,7H/8,7W/8) (224 of 256): top left, top right, bottom left, bottom right, centre, then the five
/// mirrored; those of one picture are consecutive.
at::Tensor ten_crops(const at::Tensor& images);

/// Every target ten times, in the order of ten_crops.
void repeat_targets(batch::Batch& targets);

/// (10 B,n) → (B,n)
at::Tensor mean_of_crops(const at::Tensor& values);

}  // namespace mien::methods::ada_df
