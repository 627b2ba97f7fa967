// SPDX-License-Identifier: Apache-2.0
// What `mien eval` prints, for a run and for an exported model alike.
#pragma once

#include "mien/cli/program.h"
#include "mien/eval/report.h"

namespace mien::cli {

/// On stdout, as JSON where --json was given, else as text.
void print_evaluation(const Program& program, const eval::Evaluation& evaluation, const eval::Facts& facts);

}  // namespace mien::cli
