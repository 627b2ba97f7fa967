// SPDX-License-Identifier: Apache-2.0
// mien bench: how long each stage of recognition takes here; comma-separated values compare several set-ups.
#include <fmt/core.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "mien/app/benchmark/benchmark.h"
#include "mien/app/choice_type.h"
#include "mien/app/commands.h"
#include "mien/app/detector_option.h"
#include "mien/app/program.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/base/words.h"
#include "mien/detect/face_finder.h"
#include "mien/recognise/inputs.h"
#include "mien/runtime/assets.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxSetups = 32;  ///< all are in memory at once

struct BenchCommand {
  std::vector<std::string> words;
  std::string models, detectors = default_detector(), precisions = "f32", threads = "1", batches = "0";
  app::BenchOptions options;
};

std::vector<std::string> list(const std::string& option, const std::string& words) {
  auto parts = split(words, ',');
  for (auto& part : parts) {
    part = std::string(trim(part));
    if (part.empty())
      fail_usage(fmt::format("{} {}: the list contains an empty entry.", option, quote(words)),
                 "Separate the entries by commas: a,b.");
  }
  return parts;
}

std::vector<int> numbers(const std::string& option, const std::string& words, int most) {
  std::vector<int> out;
  for (const auto& part : list(option, words)) {
    const auto n = parse_int(part);
    if (!n || *n < 0 || *n > most)
      fail_usage(fmt::format("{} {}: not a number from 0 to {}.", option, quote(part), most),
                 "Separate the numbers by commas: 1,2.");
    out.push_back(static_cast<int>(*n));
  }
  return out;
}

std::vector<std::string> names(const std::string& option, const std::string& words,
                               const std::vector<std::string>& valid) {
  auto out = list(option, words);
  for (const auto& name : out)
    if (std::find(valid.begin(), valid.end(), name) == valid.end())
      fail_usage(fmt::format("{} {}: unknown.", option, quote(name)), did_you_mean(name, valid));
  return out;
}

std::vector<std::string> found_models(std::vector<std::string> names) {
  for (auto& name : names) name = runtime::find_model(name, MIEN_SOURCE_DIR).string();
  return names;
}

/// Every combination, the last option changing fastest.
std::vector<app::BenchSetup> matrix(const BenchCommand& c) {
  const auto detectors = names("--detector", c.detectors, detectors_and_none());
  const auto precisions = names("--precision", c.precisions, all_words<runtime::Precision>());
  const auto threads = numbers("--threads", c.threads, 1024), batches = numbers("--batch", c.batches, 1024);
  const auto models = c.models.empty() ? std::vector<std::string>{runtime::find_default_model(MIEN_SOURCE_DIR).string()}
                                       : found_models(list("--model", c.models));
  std::vector<app::BenchSetup> out;
  for (const auto& model : models)
    for (const auto& detector : detectors)
      for (const auto& precision : precisions)
        for (const int n : threads)
          for (const int batch : batches)
            out.push_back({model, detector, *from_word<runtime::Precision>(precision), n, batch});
  if (out.size() > kMaxSetups)
    fail_usage(fmt::format("bench: {} combinations, at most {} can be run at once.", out.size(), kMaxSetups),
               "Shorten a list.");
  return out;
}

std::vector<fs::path> pictures(const std::vector<std::string>& words) {
  std::vector<fs::path> out;
  if (words.empty()) return {runtime::require_asset("samples/astronaut.png")};
  for (const auto& input : recognise::collect_inputs(words)) {
    if (input.error) throw *input.error;
    out.push_back(input.path);
  }
  return out;
}

int bench(Program& program, const BenchCommand& command) {
  const auto setups = matrix(command);
  const auto files = pictures(command.words);
  const Machine machine = this_machine();
  const bool wants_bf16 =
      std::any_of(setups.begin(), setups.end(), [](const auto& s) { return s.precision == runtime::Precision::bf16; });
  if (wants_bf16 && !machine.has("avx512_bf16") && !machine.has("amx_bf16"))
    program.say("mien: this processor has no bfloat16: --precision bf16 computes in float32 here.");
  const auto result = app::run_bench(setups, files, command.options, program.progress());
  if (program.json()) {
    Json json = to_json(result);
    json["command"] = program.command_line();
    std::cout << pretty(json);
  } else {
    std::cout << app::to_markdown(result);
  }
  if (result.machine.load > 0.5)
    program.say(
        fmt::format("Other programs were running (load {:.1f} on {} cores): the ratios of this bench are reliable, the "
                    "times are not.",
                    result.machine.load, result.machine.cores));
  return 0;
}

}  // namespace

void add_bench(Program& program) {
  auto c = std::make_shared<BenchCommand>();
  CLI::App* app = program.command(
      "bench",
      "Measure the time of each stage of recognition; comma-separated lists compare configurations in alternation",
      [&program, c] { return bench(program, *c); });
  app->add_option("pictures", c->words, "Files, folders or patterns (default: the sample picture)")
      ->type_name("IMAGE…");
  program.add_json_flag(app);
  app->add_option("--model", c->models, "Exported models (default: as for predict)")->type_name("MODEL,…");
  app->add_option("--detector", c->detectors, "Face detectors")
      ->type_name(choice_type("NAME,…", detectors_and_none()))
      ->capture_default_str();
  app->add_option("--precision", c->precisions, "Arithmetic of the networks")
      ->type_name(choice_type("NAME,…", all_words<runtime::Precision>()))
      ->capture_default_str();
  app->add_option("--threads", c->threads, "Threads per inference (0: one per core)")
      ->type_name("N,…")
      ->capture_default_str();
  app->add_option("--batch", c->batches, "Also measure the network with this many faces in one run (0: off)")
      ->type_name("N,…")
      ->capture_default_str();
  app->add_option("--rounds", c->options.rounds, "Measured passes over the pictures, per configuration")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app->add_option("--warm-up", c->options.warm_up, "Passes before the measurement, not counted")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

}  // namespace mien::app
