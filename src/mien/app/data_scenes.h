// SPDX-License-Identifier: Apache-2.0
// mien data scenes, as add_data() hangs it under `data`.
#pragma once

#include "mien/app/program.h"

namespace mien::app {

void add_data_scenes(Program& program, CLI::App* data);

}  // namespace mien::app
