// SPDX-License-Identifier: Apache-2.0
// mien export RUN -o FILE.onnx: one self-describing file, and the check that it computes the same as the network.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include "mien/app/commands.h"
#include "mien/app/program.h"
#include "mien/app/run_model.h"
#include "mien/base/command.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/nn/finite.h"
#include "mien/train/export_onnx.h"
#include "mien/train/lineage.h"
#ifdef MIEN_HAS_RUNTIME
#include "mien/runtime/expression_model.h"
#include "mien/runtime/session.h"
#endif

namespace mien::app {
namespace {

namespace fs = std::filesystem;

struct ExportArguments {
  std::string run, output, name, metrics, with;
  bool half = false, portable = false;
};

// Half-precision storage rounds each weight by up to 2^-11. Outputs after the first may be maps after a softmax of
// large sums, which magnifies the rounding of float32; a wrong operator errs by far more.
constexpr double kParityFull = 1e-4, kParityFurther = 1e-3, kParityHalf = 1e-2;

#ifdef MIEN_HAS_RUNTIME
/// Largest ||a - b|| / ||b|| of each output over batches of 1, 3 and 8, runtime against the network; two digits.
Json parity(const method::Deploy& deploy, const fs::path& file) {
  runtime::ModelOptions options;
  options.use_cache = false;
  runtime::Session session(runtime::Model::load(file, options));
  const auto& input = deploy.input;
  std::map<std::string, double> worst;
  torch::manual_seed(7);
  for (std::int64_t batch : {1, 3, 8}) {
    const at::Tensor images = torch::randn({batch, input.channels, input.height, input.width});
    const std::vector<at::Tensor> expected = deploy.forward(images);
    const auto target = session.input({batch, input.channels, input.height, input.width});
    std::copy_n(images.const_data_ptr<float>(), images.numel(), target.begin());
    session.run();
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto view = session.output(deploy.outputs[i].name);
      const at::Tensor reference = expected[i].to(at::kFloat).contiguous();
      const at::Tensor got = torch::from_blob(const_cast<float*>(view.values.data()), reference.sizes());
      double& error = worst[deploy.outputs[i].name];
      error = std::max(error, nn::relative_error(got, reference));
    }
  }
  Json rounded = Json::object();
  for (const auto& output : deploy.outputs) {
    rounded[output.name] = parse_double(fmt::format("{:.1e}", worst[output.name])).value();
  }
  return rounded;
}

/// Refuses a file that differs from the network; the errors go into its card. In half precision a rounded weight may
/// change which class wins, and with it an output that shows the winner: there only the logits decide.
double prove(const ExportArguments& a, const method::Deploy& deploy, face::ModelCard card, const fs::path& file) {
  const std::string& first = deploy.outputs.front().name;
  const Json errors = parity(deploy, file);
  for (const auto& [output, value] : errors.items()) {
    const double error = value.get<double>();
    const double full = output == first ? kParityFull : kParityFurther;
    const double limit = a.half ? kParityHalf : full;
    if (error <= limit || (std::isfinite(error) && a.half && output != first)) continue;
    throw Error(ErrorKind::failed,
                fmt::format("Export of {}: the output {} of the exported network differs from the trained one by {:g} "
                            "(relative), at most {:g} is allowed.",
                            a.run, quote(output), error, limit),
                "This is a bug in the operator table. Please report it with the run's config.toml.");
  }
  card.metrics["export"] = {{"peer", "OpenVINO"}, {"half_precision", a.half}, {"relative_error", errors}};
  runtime::write_card(file, card, file);
  return errors.at(first).get<double>();
}
#endif

/// The file before it is verified, next to the requested one; deleted with the object unless accept() was called.
class Candidate {
 public:
  explicit Candidate(const fs::path& output)
      : path_(output.parent_path() / (".candidate-" + output.filename().string())) {}
  ~Candidate() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  Candidate(const Candidate&) = delete;
  Candidate& operator=(const Candidate&) = delete;
  const fs::path& path() const { return path_; }
  std::uintmax_t bytes() const {
    std::error_code ignored;
    return fs::file_size(path_, ignored);
  }
  void accept(const fs::path& output) const {
    std::error_code error;
    fs::rename(path_, output, error);
    if (error)
      throw Error(ErrorKind::failed, fmt::format("{}: cannot be written ({}).", output.string(), error.message()),
                  "Choose a folder that you may write to.");
  }

 private:
  fs::path path_;
};

Json read_metrics(const ExportArguments& a, const RunModel& run) {
  Json metrics = run.info.metrics;
  if (a.metrics.empty()) return metrics;
  const Json evaluation = read_json(a.metrics);
  for (const char* key : {"accuracy", "accuracy_interval", "mean_recall", "macro_f1", "ece", "map50", "map50_95",
                          "any_class50", "commonest", "samples", "command"})
    if (evaluation.contains(key)) metrics[evaluation.value("split", std::string("test"))][key] = evaluation.at(key);
  return metrics;
}

/// The card is published: its commands contain file names, not the folders of this machine.
void hide_folders(Json& record) {
  if (!record.is_object()) return;
  for (auto& [key, value] : record.items())
    if (key == "command" && value.is_string())
      value = without_folders(value.get<std::string>());
    else
      hide_folders(value);
}

int export_run(const Program& program, const ExportArguments& a) {
  if (!a.output.ends_with(".onnx")) fail_usage(fmt::format("-o {}: the file name must end in .onnx.", quote(a.output)));
  OutputGuard guard = program.output_guard("export");
  guard.reads(a.run);
  guard.reads(a.metrics);
  guard.writes("-o", a.output, OutputKind::model);
  RunModel run = load_run(a.run);
  face::ModelCard card;
  card.method = run.method->info().name;
  card.name = a.name.empty() ? fs::path(a.output).stem().string() : a.name;
  card.classes = run.info.facts.classes;
  card.provenance = run.info.provenance;
  card.provenance.lineage = train::lineage_in(run.info.provenance);
  card.provenance.command = without_folders(run.info.provenance.command);
  card.metrics = read_metrics(a, run);
  card.temperature = run.info.temperature;
  card.calibration = run.info.calibration;
  hide_folders(card.metrics);
  if (card.calibration) hide_folders(card.calibration->record);
  // The check comes before the file: a file that fails never gets the requested name.
  const Candidate candidate(a.output);
  const method::Deploy deploy = run.method->deploy({!a.with.empty(), a.portable});
  const auto report = train::export_onnx(deploy, card, candidate.path(), {a.half});
  Json json = {{"file", a.output},
               {"nodes", report.nodes},
               {"parameters", report.card.parameters},
               {"multiply_adds", report.card.multiply_adds},
               {"weights_hash", report.card.weights_hash}};
#ifdef MIEN_HAS_RUNTIME
  const double error = prove(a, deploy, report.card, candidate.path());
  json["parity"] = {{"relative_error", error}, {"tolerance", a.half ? kParityHalf : kParityFull}, {"peer", "OpenVINO"}};
#endif
  const auto bytes = candidate.bytes();
  json["bytes"] = bytes;
  candidate.accept(a.output);
  if (program.json()) {
    std::cout << compact(json) << std::endl;
    return 0;
  }
  std::cout << a.output << "  " << fixed(static_cast<double>(bytes) / 1e6, 2) << " MB, " << report.nodes << " nodes, "
            << fixed(static_cast<double>(report.card.parameters) / 1e6, 2) << " M parameters, "
            << fixed(static_cast<double>(report.card.multiply_adds) / 1e6, 1) << " M multiply-adds\n";
  if (json.contains("parity"))
    std::cout << "parity with the network: relative error " << json.at("parity").at("relative_error").get<double>()
              << " in OpenVINO, batches 1, 3, 8\n";
  else
    std::cout << "parity not checked: this build has no runtime\n";
  std::cout << std::flush;
  program.say("next: mien predict --model " + shell_quote(a.output) + " PICTURE");
  return 0;
}

}  // namespace

void add_export(Program& program) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = program.command("export", "Write a trained run as a self-describing ONNX model",
                                      [&program, arguments] { return export_run(program, *arguments); });
  command->add_option("run", arguments->run, "Run folder or checkpoint")->required()->type_name("RUN");
  command->add_option("-o,--output", arguments->output, "File to write, .onnx")->required()->type_name("FILE");
  command->add_option("--name", arguments->name, "Name in the model's card (default: the file name)");
  command->add_option("--metrics", arguments->metrics, "Result of 'mien eval --json' to store in the card")
      ->type_name("FILE");
  command->add_flag("--half", arguments->half,
                    "Store large weights in half precision: half the size, with a very small loss of accuracy");
  command->add_flag("--portable", arguments->portable,
                    "Use only standard ONNX operators, for other runtimes; slower for methods with their own operator");
  command
      ->add_option("--with", arguments->with,
                   "reconstruction: also export the generator, for predict --explain and mien invert; only for methods "
                   "that generate pictures (ifer)")
      ->check(CLI::IsMember({"reconstruction"}))
      ->type_name("PART");
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
