// SPDX-License-Identifier: Apache-2.0
// DAN as a mien::method::Method: one stage, one player, one turn.
#pragma once

#include <memory>

#include "mien/method/method.h"

namespace mien::methods::dan {

std::unique_ptr<method::MethodConfig> make_dan_config();

}  // namespace mien::methods::dan
