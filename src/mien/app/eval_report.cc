// SPDX-License-Identifier: Apache-2.0
#include "mien/app/eval_report.h"

#include <fmt/core.h>

#include <iostream>

#include "mien/report/detection_page.h"

namespace mien::app {

void check_outputs(const Program& program, const EvalOptions& o, const std::filesystem::path& data) {
  OutputGuard guard = program.output_guard("eval");
  guard.reads(o.model);
  guard.reads(data);
  check_report(guard, o.report);
}

void print_evaluation(const Program& program, const score::Evaluation& evaluation, const score::Facts& facts) {
  if (program.json())
    std::cout << compact(score::report_json(evaluation, facts)) << std::endl;
  else
    std::cout << score::report_text(evaluation, facts) << std::flush;
}

void check_detection_options(const EvalOptions& o) {
  if (o.flip) fail_usage("--flip has no effect for a detector.", "Remove --flip.");
  if (!o.abstain.empty()) fail_usage("--abstain has no effect for a detector.", "Remove --abstain.");
  if (!o.by.empty()) fail_usage("--by has no effect for a detector.", "Remove --by.");
}

void print_and_leave(const Program& program, const EvalOptions& o, const score::DetectionEvaluation& evaluation,
                     const score::Facts& facts, const pack::Pack& pack, const std::string& settings) {
  const Json json = score::report_json(evaluation, facts);
  if (program.json())
    std::cout << compact(json) << std::endl;
  else
    std::cout << score::report_text(evaluation, facts) << std::flush;
  const std::string name = fmt::format("{}-{}-{}", name_from_path(o.model), name_from_path(facts.data), o.split);
  leave_report(program, o.report, "eval", name, [&](const std::filesystem::path& folder) {
    Json all = json;
    all.update(score::curves_json(evaluation));
    write_json(folder / "report.json", all);
    report::detection_page(evaluation, facts, pack, settings).write(folder / "report.html");
  });
}

void leave_evaluation(const Program& program, const EvalOptions& o, const score::Evaluation& evaluation,
                      const score::Facts& facts, const pack::Pack& pack, report::PageOptions page) {
  page.thumbnails = o.report.thumbnails;
  const std::string name = fmt::format("{}-{}-{}", name_from_path(o.model), name_from_path(facts.data), o.split);
  leave_report(program, o.report, "eval", name, [&](const std::filesystem::path& folder) {
    const auto figures = score::figures_of(evaluation, facts.seed);
    Json all = score::report_json(evaluation, facts);
    all.update(score::to_json(figures, evaluation.classes));
    write_json(folder / "report.json", all);
    report::evaluation_page(evaluation, figures, facts, pack, page).write(folder / "report.html");
  });
}

}  // namespace mien::app
