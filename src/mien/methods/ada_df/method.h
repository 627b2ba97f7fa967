// SPDX-License-Identifier: Apache-2.0
// Ada-DF as a mien::method::Method: one stage, one player, one turn, and a pass of its own after each epoch.
#pragma once

#include <memory>

#include "mien/method/method.h"

namespace mien::methods::ada_df {

std::unique_ptr<method::MethodConfig> make_ada_df_config();

}  // namespace mien::methods::ada_df
