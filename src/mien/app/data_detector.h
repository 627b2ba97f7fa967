// SPDX-License-Identifier: Apache-2.0
// How `mien data pack` detects and places faces, and what it estimates: the networks are built here, because dataset/
// may not use them.
#pragma once

#include <string>

#include "mien/app/program.h"
#include "mien/dataset/packing.h"

namespace mien::app {

struct DetectorArguments {
  bool detect = false;
  std::string detector, crop_of;
  std::string whole;  ///< "320x256"; "": faces
  bool landmarks = false, pose = false;

  void add_options(CLI::App* command);
  /// Throws usage if options of detection are given without it, or options exclude each other.
  void validate() const;
  /// Sets detector, crop rule, size and estimator if they were requested. Throws missing if a model was not
  /// fetched yet.
  void apply(dataset::PackOptions& options) const;
  std::string canonical() const;  ///< " --detect --detector centerface", "" without
};

}  // namespace mien::app
