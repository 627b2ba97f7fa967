// SPDX-License-Identifier: Apache-2.0
#include "mien/app/eval_report.h"

#include <iostream>

namespace mien::app {

void print_evaluation(const Program& program, const score::Evaluation& evaluation, const score::Facts& facts) {
  if (program.json())
    std::cout << compact(score::report_json(evaluation, facts)) << std::endl;
  else
    std::cout << score::report_text(evaluation, facts) << std::flush;
}

void leave_evaluation(const Program& program, const EvalOptions& o, const score::Evaluation& evaluation,
                      const score::Facts& facts, const pack::Pack& pack, report::PageOptions page) {
  page.thumbnails = o.report.thumbnails;
  const std::string name = text(name_from_path(o.model), "-", name_from_path(facts.data), "-", o.split);
  leave_report(program, o.report, "eval", name, [&](const std::filesystem::path& folder) {
    const auto figures = score::figures_of(evaluation, facts.seed);
    Json all = score::report_json(evaluation, facts);
    all.update(score::to_json(figures, evaluation.classes));
    write_json(folder / "report.json", all);
    report::evaluation_page(evaluation, figures, facts, pack, page).write(folder / "report.html");
  });
}

}  // namespace mien::app
