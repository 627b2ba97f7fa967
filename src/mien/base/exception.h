// SPDX-License-Identifier: Apache-2.0
// Exceptions of any library as mien's own: what main and the C interface catch.
#pragma once

#include "mien/base/error.h"

namespace mien {

/// The exception that is being handled, as an Error: unchanged where it is one; a file system error names its path and
/// the reason; others keep their words and are of kind failed. Call it inside a catch block only.
Error current_error();

}  // namespace mien
