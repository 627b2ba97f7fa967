// SPDX-License-Identifier: Apache-2.0
// Weights of a Vision Transformer in other programs' layouts, under our names and in our shapes (card 2.4).
#pragma once

#include "mien/methods/vit_se/vision_transformer.h"
#include "mien/nn/safetensors.h"

namespace mien::methods::vit_se {

/// Reads timm's layout (blocks.0.attn.qkv.weight), Hugging Face's
/// (vit.encoder.layer.0.attention.attention.query.weight) and our own, with or without our prefix
/// "model.":
///   query, key and value of Hugging Face are joined to qkv;
///   a patch embedding stored as a matrix (D, C·p·p) becomes a kernel (D,C,p,p), and one of three channels a grey one,
///   the sum over the channels, if the network is grey;
///   a position embedding of another square grid is resized bilinearly; the class token's row does not change.
/// Foreign heads and poolers are left out; our own ("head.fc1.weight") stay under their names. Returns keys of
/// VitSeNet. `origin` names the file in messages. Throws bad_input if a piece of a joined tensor is missing or a
/// position embedding is not a square grid.
nn::NamedTensors from_foreign(const nn::NamedTensors& theirs, const VitOptions& options, const std::string& origin);

}  // namespace mien::methods::vit_se
