// SPDX-License-Identifier: Apache-2.0
// Metadata of an exported model file in addition to its card.
#pragma once

namespace mien::onnx {

/// Metadata entry: content_hash of the whole file except its metadata entries, so that a change in the graph's
/// structure is detected as well as one in the weights or the card. Files written before mien 0.2 do not have it.
inline constexpr const char* kModelHashKey = "mien.model_hash";

}  // namespace mien::onnx
