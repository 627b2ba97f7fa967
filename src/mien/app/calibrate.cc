// SPDX-License-Identifier: Apache-2.0
// mien calibrate: temperature and abstention thresholds of a run or an exported model, or the score limit of a
// detector, fitted on validation data and written to it.
#include <fmt/core.h>

#include <deque>
#include <iostream>
#include <memory>
#include <set>

#include "mien/app/commands.h"
#include "mien/app/eval_options.h"
#include "mien/app/subject.h"
#include "mien/app/subject_options.h"
#include "mien/base/command.h"
#include "mien/score/calibrate.h"

namespace mien::app {
namespace {

struct CalibrateArguments {
  std::string model, data, split = "valid", output, device = "cpu";
  std::vector<std::string> also;
  bool flip = false, test = false;
};

void declare(CLI::App* command, CalibrateArguments& a) {
  add_model_argument(command, a.model, "; the calibration is written to it");
  add_data_option(command, a.data);
  command
      ->add_option("--also", a.also,
                   "Another pack, with pictures of another kind: the temperature fits all packs, and the risks hold on "
                   "each; can "
                   "be repeated")
      ->type_name("PACK")
      ->allow_extra_args(false);
  command->add_option("--split", a.split, "Part for the fit; only valid is allowed")
      ->type_name(choice_type("NAME", {"valid"}))
      ->capture_default_str();
  command->add_flag("--test", a.test, "Also show the effect of the calibration on the test part");
  command->add_flag("--flip", a.flip,
                    "Calibrate the mean of each picture and its mirror image, for predictions with --flip");
  command
      ->add_option("-o,--output", a.output,
                   "Write the calibrated model to this file and leave the exported model unchanged")
      ->type_name("FILE");
  add_device_option(command, a.device);
}

/// Throws usage for a split that may not be used for the fit.
score::CalibrateOptions calibrate_options(const Program& program, const CalibrateArguments& a,
                                          double temperature_before) {
  score::CalibrateOptions options;
  const auto split = pack::split_from(a.split);
  if (!split) fail_usage(fmt::format("--split {} is not a part of a pack.", quote(a.split)), "Use --split valid.");
  options.split = *split;
  score::check_split(options.split);
  options.temperature_before = temperature_before;
  options.flip = a.flip;
  options.test = a.test;
  options.command = program.command_line();
  options.progress = program.progress();
  return options;
}

/// On stdout, as JSON if --json was given, otherwise as text; `file` holds the calibration.
void print_calibration(const Program& program, const CalibrateArguments& a, const score::CalibrationResult& result,
                       const pack::Pack& pack, const std::string& file) {
  if (program.json()) {
    Json json = {{"model", a.model}, {"file", file}, {"data", pack.path().string()}, {"split", a.split}};
    json.update(score::to_json(result));
    std::cout << compact(json) << std::endl;
    return;
  }
  std::cout << a.model << " on " << pack.path().string() << ", label rule " << pack.info().label_rule << "\n";
  for (const auto& other : a.also) std::cout << "also on " << other << "\n";
  std::cout << score::to_text(result) << "\nwritten to " << file << "\n" << std::flush;
}

/// Before any work: checks that -o fits the kind of subject and may be written.
void check_output(const Program& program, const CalibrateArguments& a, const Subject& subject) {
  if (a.output.empty()) return;
  if (subject.kind == SubjectKind::run)
    fail_usage("-o works only for exported models; the calibration of a run is stored in the run.", "Remove -o.");
  if (!a.output.ends_with(".onnx")) fail_usage(fmt::format("-o {}: the file name must end in .onnx.", quote(a.output)));
  OutputGuard guard = program.output_guard("calibrate");
  guard.reads(a.model);
  guard.reads(subject.data);
  for (const auto& other : a.also) guard.reads(other);
  guard.writes("-o", a.output, OutputKind::model);
}

/// --data, then --also. Throws usage if two contain the same pictures, which would count as two kinds.
std::deque<pack::Pack> open_packs(const std::string& data, const std::vector<std::string>& also) {
  std::deque<pack::Pack> packs;  // which cannot be moved
  packs.emplace_back(data);
  std::set<std::string> hashes{packs.front().hash()};
  for (const auto& other : also) {
    packs.emplace_back(other);
    if (!hashes.insert(packs.back().hash()).second)
      fail_usage(fmt::format("--also {}: another of the packs has the same contents.", quote(other)),
                 "Give each pack once.");
  }
  return packs;
}

score::CalibrationResult calibrate_faces(const Subject& subject, const std::deque<pack::Pack>& packs,
                                         const score::CalibrateOptions& options) {
  std::vector<score::CalibrationSet> sets;
  for (const auto& pack : packs) sets.push_back({subject.predictor(pack, options.flip, nullptr), pack});
  return score::calibrate(sets, subject.classes, options);
}

int calibrate(const Program& program, const CalibrateArguments& a) {
  calibrate_options(program, a, 1);  // a wrong split is reported before anything is loaded
  const Subject subject = open_subject("calibrate", a.model, a.data, a.device);
  check_output(program, a, subject);
  if (subject.finds_boxes && a.flip)
    fail_usage("--flip averages over mirror images of faces; this model detects faces in whole pictures.",
               "Remove --flip.");
  if (subject.finds_boxes && !a.also.empty())
    fail_usage("--also applies to probabilities; this model detects faces in whole pictures.", "Remove --also.");
  const auto packs = open_packs(subject.data, a.also);
  const auto options = calibrate_options(program, a, subject.temperature);
  const auto result = subject.finds_boxes ? score::calibrate_boxes(subject.box_predictor(packs.front()),
                                                                   subject.classes, packs.front(), options)
                                          : calibrate_faces(subject, packs, options);
  const std::string file = subject.store_calibration(result.temperature, result.calibration, a.output);
  print_calibration(program, a, result, packs.front(), file);
  const std::string abstain = subject.finds_boxes ? "" : " --abstain 5%";
  if (subject.kind == SubjectKind::run)
    program.say("next: mien export " + shell_quote(a.model) + " -o model.onnx");
  else
    program.say("next: mien predict --model " + shell_quote(file) + abstain + " PICTURE");
  return 0;
}

}  // namespace

void add_calibrate(Program& program) {
  auto arguments = std::make_shared<CalibrateArguments>();
  CLI::App* command = program.command("calibrate", "Calibrate the probabilities of a model or a run on validation data",
                                      [&program, arguments] { return calibrate(program, *arguments); });
  declare(command, *arguments);
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
