// SPDX-License-Identifier: Apache-2.0
// mien data subset, as add_data() hangs it under `data`.
#pragma once

#include "mien/app/program.h"

namespace mien::app {

void add_data_subset(Program& program, CLI::App* data);

}  // namespace mien::app
