// SPDX-License-Identifier: Apache-2.0
// The table of methods: the only place that knows them all by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mien/method/method.h"

/// One line per method: the folder under methods/, whose namespace defines make_config(). The method's name is the
/// folder's name with hyphens.
#define MIEN_METHODS(X) \
  X(dan)                \
  X(ada_df)             \
  X(dnfer)              \
  X(fdrl)               \
  X(vit_se)             \
  X(scan_cci)           \
  X(phanet)             \
  X(part_based)         \
  X(fer_yolo_mamba)     \
  X(ifer)

namespace mien::methods {

/// In the table's order.
std::vector<std::string> names();
/// A method with its default configuration. An unknown name is a usage error that suggests the nearest one.
std::unique_ptr<method::MethodConfig> make_config(const std::string& name);

}  // namespace mien::methods
