// SPDX-License-Identifier: Apache-2.0
// mien noise-report: the labels of a pack, according to a run or an exported model.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "mien/app/commands.h"
#include "mien/app/eval_options.h"
#include "mien/app/subject.h"
#include "mien/app/subject_options.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/pack/noise.h"
#include "mien/score/label_report.h"

namespace mien::app {
namespace {

struct NoiseReportOptions {
  std::string model, data, split = "train", truth, output, device = "cpu";
  std::size_t first = 20;
};

std::string percent(const std::optional<double>& share) { return share ? fixed(100 * *share, 1) + " %" : "–"; }

void print_table(const score::LabelReport& r, const pack::Pack& pack, std::size_t first) {
  std::cout << "suspects  " << r.suspects << " of " << r.doubts.size() << " labels\nthresholds";
  for (std::size_t c = 0; c < r.classes.size(); ++c)
    std::cout << "  " << r.classes[c] << " " << fixed(r.thresholds[c], 3);
  std::cout << "\n";
  if (r.against_truth) {
    const auto& t = *r.against_truth;
    std::cout << "wrong labels  " << t.wrong << "\nsuspects that are wrong  " << percent(t.precision)
              << "\nwrong labels that are suspects  " << percent(t.recall) << "\nother labels that are right  "
              << percent(t.clean_precision) << "\nright labels that are not suspects  " << percent(t.clean_recall)
              << "\nwrong labels ranked before right ones  " << percent(t.ranking)
              << "\nwrong labels that the network predicts  " << percent(t.memorised_share) << "\n";
  }
  const auto shown = std::min<std::size_t>(first, static_cast<std::size_t>(r.suspects));
  if (shown > 0)
    std::cout << "index  label  answer  probability  threshold  source" << (r.truth.empty() ? "" : "  true label")
              << "\n";
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& d = r.doubts[i];
    std::cout << d.picture << "  " << r.classes[d.label] << "  " << r.classes[d.answer] << "  "
              << fixed(d.probability, 4) << "  " << fixed(d.threshold, 4) << "  " << pack.sample(d.picture).source;
    if (!r.truth.empty()) std::cout << "  " << r.classes[static_cast<std::size_t>(r.truth[i])];
    std::cout << "\n";
  }
  std::cout << std::flush;
}

void declare(CLI::App* command, NoiseReportOptions& o) {
  add_model_argument(command, o.model, ", of any method");
  add_data_option(command, o.data);
  add_split_option(command, o.split);
  command
      ->add_option("--truth", o.truth,
                   "List of the true labels (.truth.csv, written by 'mien data noise'), to compute how many "
                   "suspects are wrong and how many wrong labels were found")
      ->type_name("FILE");
  command->add_option("-o,--output", o.output, "Write the list of all pictures as CSV, most doubtful first")
      ->type_name("FILE");
  command->add_option("--first", o.first, "Number of suspects to print; with --json, number of pictures to list")
      ->capture_default_str();
  add_device_option(command, o.device);
}

/// Before any work: checks that -o may be written.
void check_outputs(const Program& program, const NoiseReportOptions& o, const std::filesystem::path& data) {
  if (o.output.empty()) return;
  OutputGuard guard = program.output_guard("noise-report");
  guard.reads(o.model);
  guard.reads(data);
  guard.reads(o.truth);
  guard.writes("-o", o.output, OutputKind::table);
}

int report_labels(const Program& program, const NoiseReportOptions& o) {
  const Subject subject = open_subject("noise-report", o.model, o.data, o.device);
  check_outputs(program, o, subject.data);
  const pack::Pack pack(subject.data);
  std::vector<std::pair<std::uint32_t, int>> truth;
  if (!o.truth.empty()) truth = pack::read_truth(o.truth, pack);
  const auto report = score::report_labels(subject.predictor(pack, /*flip=*/false, nullptr), subject.classes, pack,
                                           split_named(o.split),
                                           {.temperature = subject.temperature, .progress = program.progress()}, truth);
  if (!o.output.empty()) {
    AtomicFile file(o.output);
    file.write(score::to_csv(report, pack));
    file.commit();
  }
  if (program.json()) {
    Json json = {{"model", o.model}, {"data", pack.path().string()}, {"split", o.split}};
    json.update(score::to_json(report, pack, o.first));
    if (!o.output.empty()) json["csv"] = o.output;
    std::cout << compact(json) << std::endl;
  } else {
    print_table(report, pack, o.first);
  }
  if (!o.output.empty()) program.say(o.output);
  return 0;
}

}  // namespace

void add_noise_report(Program& program) {
  auto options = std::make_shared<NoiseReportOptions>();
  CLI::App* command = program.command(
      "noise-report", "List pictures whose labels are unlikely according to a model or a run, for manual review",
      [&program, options] { return report_labels(program, *options); });
  declare(command, *options);
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
