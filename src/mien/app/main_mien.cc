// SPDX-License-Identifier: Apache-2.0
// mien: recognition, data sets, evaluation of exported models. Training commands are passed to mien-lab in its folder.
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "mien/app/commands.h"
#include "mien/app/program.h"
#include "mien/app/usage.h"
#include "mien/base/error.h"
#include "mien/base/program_file.h"
#include "mien/runtime/assets.h"

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kLabCommands = {{
    {"train", "Train a method from a configuration file (mien-lab)"},
    {"import", "Convert published weights to a checkpoint (mien-lab)"},
    {"export", "Write a trained run as a self-describing ONNX model (mien-lab)"},
    {"verify", "Compare a method with its golden file (mien-lab)"},
    {"methods", "List the methods and their configuration fields (mien-lab)"},
}};

using Words = std::vector<std::string>;

/// Replaces this process by mien-lab with the same arguments; returns only if that is not possible.
int start_lab(Words words) {
  const auto lab = mien::program_file().parent_path() / "mien-lab";
  words[0] = lab.string();
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(lab.c_str(), arguments.data());
  const mien::Error error(
      mien::ErrorKind::missing,
      fmt::format("The training program {} does not exist ({}).", lab.string(), std::strerror(errno)),
      "Start the command with ./mien, which builds the program, or run: cmake --preset release && cmake --build "
      "--preset release.");
  return mien::app::report(error, false, false);
}

/// `mien eval`, `mien calibrate` and `mien noise-report` open exported models themselves and pass runs and checkpoints
/// to mien-lab. A model's name is replaced by its file.
bool takes_a_model(Words& words) {
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "--help" || words[i] == "-h") return true;
    const auto model = mien::runtime::find_model(words[i], MIEN_SOURCE_DIR);
    if (model.extension() != ".onnx") continue;
    words[i] = model.string();
    return true;
  }
  return false;
}

int run_mien(Words words) {
  if (words.size() > 1) {
    const std::string command = words[1];
    for (const auto& [name, help] : kLabCommands)
      if (command == name) return start_lab(std::move(words));
    if ((command == "eval" || command == "calibrate" || command == "noise-report") && !takes_a_model(words))
      return start_lab(std::move(words));
  }
  mien::app::Program program("mien", "Facial expression recognition: photos in, expressions out.");
  mien::app::add_predict(program);
  mien::app::add_invert(program);
  mien::app::add_models(program);
  mien::app::add_data(program);
  mien::app::add_eval(program);
  mien::app::add_calibrate(program);
  mien::app::add_noise_report(program);
  mien::app::add_doctor(program);
  mien::app::add_bench(program);
  mien::app::add_completion(program);
  for (const auto& [name, help] : kLabCommands) program.command(std::string(name), std::string(help), nullptr);
  return program.run(words);
}

}  // namespace

int main(int argc, char** argv) {
  return mien::app::run_guarded([&] { return run_mien(mien::app::usual_arguments(argc, argv)); });
}
