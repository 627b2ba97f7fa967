// SPDX-License-Identifier: Apache-2.0
// ViT-SE's training pictures (card 4.1): the augmentations of the first author's later code, our FER+ recipe, or none.
#pragma once

#include "mien/batch/batch.h"
#include "mien/methods/vit_se/config.h"

namespace mien::methods::vit_se {

/// Packed pixels → augmented, normalised pictures (B,C,network.height,network.width), cutout included.
batch::View make_view(const VitSeConfig& config, const VitOptions& network, const face::InputSpec& input);

}  // namespace mien::methods::vit_se
