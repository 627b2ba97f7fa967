// SPDX-License-Identifier: Apache-2.0
// The output of `mien eval`, the same for a run and an exported model.
#pragma once

#include "mien/app/eval_options.h"
#include "mien/app/program.h"
#include "mien/report/evaluation_page.h"
#include "mien/score/detection.h"

namespace mien::app {

/// Before any work: checks that the report may be written. `data` is the pack.
void check_outputs(const Program& program, const EvalOptions& options, const std::filesystem::path& data);
/// Prints to stdout, as JSON with --json, otherwise as text.
void print_evaluation(const Program& program, const score::Evaluation& evaluation, const score::Facts& facts);
/// The same for a detector, on stdout and as report.html and report.json.
void print_and_leave(const Program& program, const EvalOptions& options, const score::DetectionEvaluation& evaluation,
                     const score::Facts& facts, const pack::Pack& pack, const std::string& settings);
/// Throws usage if --flip, --abstain or --by, which have no effect for boxes, was given.
void check_detection_options(const EvalOptions& options);
/// report.html and report.json in the run's folder; the command line decides whether pictures are shown.
void leave_evaluation(const Program& program, const EvalOptions& options, const score::Evaluation& evaluation,
                      const score::Facts& facts, const pack::Pack& pack, report::PageOptions page);

}  // namespace mien::app
