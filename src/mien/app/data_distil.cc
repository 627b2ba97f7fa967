// SPDX-License-Identifier: Apache-2.0
// mien data distil: a pack whose training distributions come from trained models, to train a smaller network on them.
#include "mien/app/data_distil.h"

#include <fmt/core.h>

#include <filesystem>
#include <memory>

#include "mien/app/data_make_pack.h"
#include "mien/app/subject.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/hash.h"
#include "mien/score/distil.h"

namespace mien::app {
namespace {

struct DistilArguments {
  PackCommand files{"data distil", "distilled.pack"};
  score::DistilOptions options;

  std::string canonical() const {
    std::string out = files.canonical();
    for (const auto& teacher : files.further_inputs)
      out += fmt::format(" --teacher {}", std::filesystem::path(teacher).filename().string());
    return out + fmt::format(" --share {:g} --temperature {:g}{}", options.share, options.temperature,
                             options.flip ? " --flip" : "");
  }
};

score::Teacher teacher_of(const std::string& file, const pack::Pack& pack, bool flip) {
  const Subject subject = open_subject("data distil", file, pack.path().string(), "cpu");
  check_input(!subject.finds_boxes, fmt::format("{}: the model finds faces in whole pictures.", file),
              "Give models that recognise the expression of one face.");
  return {std::filesystem::path(file).filename().string(), content_hash(read_file(file)),
          subject.predictor(pack, flip, nullptr), subject.classes, subject.temperature};
}

int make_distilled(const Program& program, DistilArguments a) {
  a.options.command = a.canonical();
  a.options.progress = program.progress();
  const auto make = [&](const pack::Pack& source) {
    std::vector<score::Teacher> teachers;
    for (const auto& file : a.files.further_inputs) teachers.push_back(teacher_of(file, source, a.options.flip));
    const auto report = score::write_distilled(source, a.files.output, teachers, a.options, interrupt_token());
    Json json = score::to_json(report);
    json["pack"] = a.files.output;
    const double percent = 100.0 * static_cast<double>(report.agree) / static_cast<double>(report.samples);
    const std::string text =
        fmt::format("training pictures  {}\nteachers agree with the label  {:.1f} %\n", report.samples, percent);
    return MadePack{std::move(json), text, parts_of(source), " --set loss.votes=0.7"};
  };
  return make_pack(program, a.files, make);
}

}  // namespace

void add_data_distil(Program& program, CLI::App* data) {
  auto a = std::make_shared<DistilArguments>();
  CLI::App* command = program.command(
      data, "distil",
      "Replace the label distributions of the training part by the predictions of trained models (distillation)",
      [&program, a] { return make_distilled(program, *a); });
  add_packs(command, a->files, "Pack to write; labels, votes and the other parts stay");
  command
      ->add_option(
          "--teacher", a->files.further_inputs,
          "Exported model (.onnx); repeat the option for the mean of several. A model is more accurate on the pictures "
          "that it was trained on than on others")
      ->required()
      ->type_name("MODEL");
  command->add_option("--share", a->options.share, "Share of the predictions, 0..1; the rest is the old distribution")
      ->capture_default_str();
  command
      ->add_option("--temperature", a->options.temperature,
                   "Temperature of the teachers' softmax, on top of their calibration; above 1: softer distributions")
      ->capture_default_str();
  command->add_flag("--flip", a->options.flip, "Average over each picture and its mirror image");
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
