// SPDX-License-Identifier: Apache-2.0
// What `mien eval` prints, for a run and for an exported model alike.
#pragma once

#include "mien/cli/eval_options.h"
#include "mien/cli/program.h"
#include "mien/eval/page.h"

namespace mien::cli {

/// On stdout, as JSON where --json was given, else as text.
void print_evaluation(const Program& program, const eval::Evaluation& evaluation, const eval::Facts& facts);
/// report.html and report.json in the run's folder; whether pictures are shown is the command line's to say.
void leave_evaluation(const Program& program, const EvalOptions& options, const eval::Evaluation& evaluation, const eval::Facts& facts, const pack::Pack& pack, eval::PageOptions page);

}  // namespace mien::cli
