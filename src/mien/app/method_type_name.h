// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "mien/base/text.h"
#include "mien/methods/registry.h"

namespace mien::app {

/// The type name of an option or argument that is a method: --help lists the names, and shells complete them.
inline std::string method_type_name() { return "METHOD:{" + join(methods::names(), ",") + "}"; }

}  // namespace mien::app
