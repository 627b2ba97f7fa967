// SPDX-License-Identifier: Apache-2.0
// mien-lab: training, export and verification. `mien train …` starts it.
#include "mien/app/commands.h"
#include "mien/app/program.h"
#include "mien/app/usage.h"

namespace {

int run_lab(const std::vector<std::string>& arguments) {
  mien::app::Program program("mien-lab", "Train, evaluate, export and verify facial expression recognition methods.");
  mien::app::add_train(program);
  mien::app::add_eval(program);
  mien::app::add_calibrate(program);
  mien::app::add_noise_report(program);
  mien::app::add_import(program);
  mien::app::add_export(program);
  mien::app::add_verify(program);
  mien::app::add_methods(program);
  mien::app::add_command_tree(program);
  return program.run(arguments);
}

}  // namespace

int main(int argc, char** argv) {
  return mien::app::run_guarded([&] { return run_lab(mien::app::usual_arguments(argc, argv)); });
}
