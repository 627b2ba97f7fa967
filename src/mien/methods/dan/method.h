// SPDX-License-Identifier: Apache-2.0
// DAN as a mien::model::Method: one stage, one player, one turn.
#pragma once

#include <memory>

#include "mien/model/method.h"

namespace mien::methods::dan {

std::unique_ptr<model::MethodConfig> make_dan_config();

}  // namespace mien::methods::dan
