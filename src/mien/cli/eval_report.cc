// SPDX-License-Identifier: Apache-2.0
#include "mien/cli/eval_report.h"

#include <iostream>

namespace mien::cli {

void print_evaluation(const Program& program, const eval::Evaluation& evaluation, const eval::Facts& facts) {
  if (program.json()) std::cout << compact(eval::report_json(evaluation, facts)) << std::endl;
  else std::cout << eval::report_text(evaluation, facts) << std::flush;
}

void leave_evaluation(const Program& program, const EvalOptions& o, const eval::Evaluation& evaluation, const eval::Facts& facts, const pack::Pack& pack, eval::PageOptions page) {
  page.thumbnails = o.report.thumbnails;
  const std::string name = text(name_from_path(o.model), "-", name_from_path(facts.data), "-", o.split);
  leave_report(program, o.report, "eval", name, [&](const std::filesystem::path& folder) {
    const auto figures = eval::figures_of(evaluation, facts.seed);
    Json all = eval::report_json(evaluation, facts);
    all.update(eval::to_json(figures, evaluation.classes));
    write_json(folder / "report.json", all);
    eval::evaluation_page(evaluation, figures, facts, pack, page).write(folder / "report.html");
  });
}

}  // namespace mien::cli
