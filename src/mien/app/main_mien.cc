// SPDX-License-Identifier: Apache-2.0
// mien: recognition, data sets, evaluation of exported models. Training commands are handed to mien-lab beside it.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string_view>

#include "mien/app/commands.h"
#include "mien/app/program.h"
#include "mien/base/error.h"
#include "mien/base/text.h"

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kLabCommands = {{
    {"train", "Train a method from a configuration file (mien-lab)"},
    {"import", "Read weights that others published into a checkpoint (mien-lab)"},
    {"export", "Write a trained run as a self-describing ONNX model (mien-lab)"},
    {"verify", "Hold a method against its golden file (mien-lab)"},
    {"methods", "List the methods and their configuration fields (mien-lab)"},
}};

/// Replaces this process by mien-lab with the same arguments; returns only where that is not possible.
int start_lab(char** argv) {
  const auto lab = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "mien-lab";
  argv[0] = const_cast<char*>(lab.c_str());
  ::execv(lab.c_str(), argv);
  const mien::Error error(
      mien::ErrorKind::missing,
      mien::text("The training program ", lab.string(), " is not there (", std::strerror(errno), ")."),
      "Start the command through ./mien, which builds it, or run: cmake --preset release && cmake --build --preset "
      "release.");
  return mien::app::report(error, false, false);
}

/// `mien eval`, `mien calibrate` and `mien noise-report` take exported models themselves and hand runs and checkpoints
/// to mien-lab.
bool takes_a_model(int argc, char** argv) {
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.ends_with(".onnx") || argument == "--help" || argument == "-h") return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    const std::string_view command = argv[1];
    for (const auto& [name, help] : kLabCommands)
      if (command == name) return start_lab(argv);
    if ((command == "eval" || command == "calibrate" || command == "noise-report") && !takes_a_model(argc, argv))
      return start_lab(argv);
  }
  mien::app::Program program("mien", "Facial expression recognition: photos in, expressions out.");
  mien::app::add_predict(program);
  mien::app::add_models(program);
  mien::app::add_data(program);
  mien::app::add_eval_model(program);
  mien::app::add_calibrate_model(program);
  mien::app::add_noise_report_model(program);
  mien::app::add_doctor(program);
  mien::app::add_bench(program);
  for (const auto& [name, help] : kLabCommands) program.command(std::string(name), std::string(help), nullptr);
  return program.run(argc, argv);
}
