// SPDX-License-Identifier: Apache-2.0
// Adds `data noise` below `data`.
#pragma once

#include "mien/app/program.h"

namespace mien::app {

void add_data_noise(Program& program, CLI::App* data);

}  // namespace mien::app
