// SPDX-License-Identifier: Apache-2.0
// A trained method → one self-describing ONNX file.
#pragma once

#include <filesystem>

#include "mien/face/card.h"
#include "mien/method/deploy.h"

namespace mien::train {

struct ExportOptions {
  bool half_weights = false;  ///< store large weights in half precision; computation stays in float32
};

struct ExportReport {
  face::ModelCard card;    ///< as written
  std::int64_t bytes = 0;  ///< size of the file
  std::size_t nodes = 0;   ///< operators of the graph
};

/// Records `deploy.forward`, lowers it to ONNX, simplifies the graph, completes the card (input, outputs,
/// parameters, multiply-adds, version, hashes) and writes the file completely or not at all. `card` provides the rest.
/// The first output must be (B, number of classes) if the card lists classes and the output is "logits". Throws failed
/// if an operator has no ONNX form; the message names it.
ExportReport export_onnx(const method::Deploy& deploy, face::ModelCard card, const std::filesystem::path& path,
                         const ExportOptions& options = {});

}  // namespace mien::train
