// SPDX-License-Identifier: Apache-2.0
// A trained method → one self-describing ONNX file.
#pragma once

#include <filesystem>

#include "mien/face/card.h"
#include "mien/model/deploy.h"

namespace mien::bundle {

struct ExportOptions {
  bool half_weights = false;  ///< store large weights in half precision
};

struct ExportReport {
  face::ModelCard card;       ///< as written
  std::int64_t bytes = 0;
  std::size_t nodes = 0;
};

/// Records `deploy.forward`, lowers it to ONNX, completes the card (input, outputs, parameters, multiply-adds, weights
/// hash) and writes the file whole or not at all. `card` brings method, name, classes, training and metrics.
ExportReport export_onnx(const model::Deploy& deploy, face::ModelCard card, const std::filesystem::path& path, const ExportOptions& options = {});

}  // namespace mien::bundle
