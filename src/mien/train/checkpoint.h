// SPDX-License-Identifier: Apache-2.0
// Checkpoints: safetensors whose keys are the published checkpoint's; extra state of the method (centres) under its
// own names. The last checkpoint of a run also contains optimiser and moving average, so that a resumed run is exact.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "mien/face/calibration.h"
#include "mien/face/provenance.h"
#include "mien/method/method.h"
#include "mien/train/config.h"

namespace mien::train {

struct CheckpointInfo {
  Json config;  ///< resolved, of method and run
  method::DataFacts facts;
  face::Provenance provenance;
  Json metrics = Json::object();
  double temperature = 1;                        ///< as in the model's card (face/card.h)
  std::optional<face::Calibration> calibration;  ///< written by mien calibrate; further training removes it
};

/// The metadata of a checkpoint that is needed to rebuild the method.
std::map<std::string, std::string> to_metadata(const CheckpointInfo& info);
CheckpointInfo info_from(const std::map<std::string, std::string>& metadata, const std::string& origin);

/// Writes temperature and calibration to a checkpoint, completely or not at all; the rest does not change.
void store_calibration(const std::filesystem::path& checkpoint, double temperature,
                       const face::Calibration& calibration);

/// Network state and extra state.
nn::NamedTensors weights_of(method::Method& method);
/// True if the metadata is that of a mien checkpoint.
bool is_checkpoint(const std::map<std::string, std::string>& metadata);
/// Without the optimiser's state and the moving average, which the last checkpoint of a run also contains.
nn::NamedTensors without_bookkeeping(const nn::NamedTensors& tensors);
/// Copies weights (and extra state if present) into the method; strict on the network's keys.
void load_weights(method::Method& method, const nn::TensorFile& file);

/// The entries whose names start with `prefix`, with the prefix removed.
nn::NamedTensors with_prefix_removed(const nn::NamedTensors& tensors, const std::string& prefix);

/// The checkpoint file that a path means: a file itself, or a run folder's best.safetensors.
std::filesystem::path checkpoint_path(const std::filesystem::path& run_or_file);

}  // namespace mien::train
