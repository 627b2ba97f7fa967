// SPDX-License-Identifier: Apache-2.0
// FDRL as a mien::method::Method: one stage, one player, one turn; after each step the centres follow by their own
// rule.
#pragma once

#include <memory>

#include "mien/method/method.h"

namespace mien::methods::fdrl {

std::unique_ptr<method::MethodConfig> make_fdrl_config();

}  // namespace mien::methods::fdrl
