// SPDX-License-Identifier: Apache-2.0
#include "mien/cli/eval_report.h"

#include <iostream>

namespace mien::cli {

void print_evaluation(const Program& program, const eval::Evaluation& evaluation, const eval::Facts& facts) {
  if (program.json()) std::cout << compact(eval::report_json(evaluation, facts)) << std::endl;
  else std::cout << eval::report_text(evaluation, facts) << std::flush;
}

}  // namespace mien::cli
