// SPDX-License-Identifier: Apache-2.0
// Converts exceptions of any library to mien's own; used by main and the C interface.
#pragma once

#include "mien/base/error.h"

namespace mien {

/// The exception that is being handled, as an Error: unchanged if it is one; a file system error names its path and
/// the reason; others keep their message and have the kind failed. Call only inside a catch block.
Error current_error();

}  // namespace mien
