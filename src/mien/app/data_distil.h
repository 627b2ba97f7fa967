// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mien/app/program.h"

namespace mien::app {

/// Adds `data distil` below `data`.
void add_data_distil(Program& program, CLI::App* data);

}  // namespace mien::app
