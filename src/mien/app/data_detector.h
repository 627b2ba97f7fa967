// SPDX-License-Identifier: Apache-2.0
// The face detector of `mien data pack --detect`: built here, because prepare/ may not see the networks.
#pragma once

#include <string>

#include "mien/app/program.h"
#include "mien/dataset/packing.h"

namespace mien::app {

struct DetectorArguments {
  bool detect = false;
  std::string detector, crop_of;

  void add_options(CLI::App* command);
  /// Throws usage where options of detection are given without it.
  void validate() const;
  /// Sets detector and crop rule, where detection was asked for. Throws missing where a model was not fetched yet.
  void apply(dataset::PackOptions& options) const;
  std::string canonical() const;  ///< " --detect --detector centerface", "" without
};

}  // namespace mien::app
