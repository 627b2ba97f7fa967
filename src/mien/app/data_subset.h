// SPDX-License-Identifier: Apache-2.0
// Adds `data subset` below `data`.
#pragma once

#include "mien/app/program.h"

namespace mien::app {

void add_data_subset(Program& program, CLI::App* data);

}  // namespace mien::app
