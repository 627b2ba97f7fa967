// SPDX-License-Identifier: Apache-2.0
// DNFER as a mien::method::Method: one stage, one player with two parameter groups, one turn with two forward calls.
#pragma once

#include <memory>

#include "mien/method/method.h"

namespace mien::methods::dnfer {

std::unique_ptr<method::MethodConfig> make_dnfer_config();

}  // namespace mien::methods::dnfer
