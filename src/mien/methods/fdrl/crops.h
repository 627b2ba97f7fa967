// SPDX-License-Identifier: Apache-2.0
// FDRL's training pictures and the crop at test time (card section 4).
#pragma once

#include "mien/face/input_spec.h"
#include "mien/method/stage.h"
#include "mien/methods/fdrl/config.h"

namespace mien::methods::fdrl {

method::View make_view(Augment augment, const face::InputSpec& input);

/// Whether a network trained on these pictures uses the centre crop at test time: true for training on crops, 224 of
/// 236.
bool takes_centre(Augment augment);

/// Side of the paper's crop: 224 of 236, in proportion.
std::int64_t crop_side(std::int64_t side);
/// (N,C,S,S) → (N,C,c,c) with c = crop_side(S): the paper's crop at test time.
at::Tensor centre_crop(const at::Tensor& images);

}  // namespace mien::methods::fdrl
