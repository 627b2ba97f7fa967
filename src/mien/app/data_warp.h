// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mien/app/program.h"

namespace mien::app {

/// Adds `data warp` below `data`.
void add_data_warp(Program& program, CLI::App* data);

}  // namespace mien::app
