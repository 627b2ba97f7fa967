// SPDX-License-Identifier: Apache-2.0
// mien-lab: training, export and proof. `mien train …` starts it.
#include "mien/cli/commands.h"
#include "mien/cli/program.h"

int main(int argc, char** argv) {
  mien::cli::Program program("mien-lab", "Train, evaluate, export and verify facial expression recognition methods.");
  mien::cli::add_train(program);
  mien::cli::add_eval_run(program);
  mien::cli::add_calibrate_run(program);
  mien::cli::add_noise_report_run(program);
  mien::cli::add_import(program);
  mien::cli::add_export(program);
  mien::cli::add_verify(program);
  mien::cli::add_methods(program);
  return program.run(argc, argv);
}
