// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mien/app/program.h"

namespace mien::app {

/// Adds `data occlude` below `data`.
void add_data_occlude(Program& program, CLI::App* data);

}  // namespace mien::app
