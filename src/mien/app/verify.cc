// SPDX-License-Identifier: Apache-2.0
// mien verify METHOD: this build against the reference's golden file, tensor by tensor.
#include <fmt/core.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "mien/app/choice_type.h"
#include "mien/app/commands.h"
#include "mien/app/program.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/method/golden_scribe.h"
#include "mien/methods/registry.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

struct VerifyArguments {
  std::string method, golden;
};

/// The method's golden files, or the specified one.
std::vector<fs::path> golden_files(const VerifyArguments& a, const method::MethodInfo& info) {
  if (!a.golden.empty()) return {a.golden};
  std::vector<fs::path> files;
  for (const std::string& stem : info.golden_files()) {
    const std::string name = stem + ".safetensors";
    const fs::path here = fs::path("tests/golden") / name, there = fs::path(MIEN_SOURCE_DIR) / "tests/golden" / name;
    if (!path_exists(here) && !path_exists(there))
      throw Error(ErrorKind::missing, fmt::format("No golden file {} under tests/golden.", name),
                  "Give one with --golden FILE.");
    files.push_back(path_exists(here) ? here : there);
  }
  return files;
}

Json to_json(const std::string& method, const method::GoldenReport& report) {
  Json failed = Json::array();
  for (const auto& row : report.rows)
    if (!row.passed()) failed.push_back(row.name);
  for (const auto& name : report.unanswered) failed.push_back(name);
  for (const auto& name : report.absent) failed.push_back(name);
  Json out{{"method", method}, {"tensors", report.rows.size()}, {"failed", failed}, {"passed", report.passed()}};
  if (!report.rows.empty()) {
    const auto& worst = report.rows.front();
    out["worst"] = {{"name", worst.name}, {"relative_error", worst.relative_error}, {"tolerance", worst.tolerance}};
  }
  return out;
}

void print(const std::string& stem, const method::GoldenReport& report) {
  for (const auto& row : report.rows) {
    std::cout << fmt::format("{:<44} {:9.2e}  (tolerance {:.0e})  {}\n", row.name, row.relative_error, row.tolerance,
                             row.passed() ? "ok" : "FAILED");
  }
  for (const auto& name : report.unanswered) std::cout << name << "  not computed by this build  FAILED\n";
  for (const auto& name : report.absent) std::cout << name << "  missing in the golden file  FAILED\n";
  if (report.rows.empty()) std::cout << "The golden file contains no output  FAILED\n";
  std::cout << stem << ": " << report.rows.size() << " tensors, "
            << (report.passed() ? "all within tolerance" : "NOT equal to the reference") << std::endl;
}

int verify(const Program& program, const VerifyArguments& a) {
  const auto config = methods::make_config(a.method);
  bool passed = true;
  Json out = Json::array();
  for (const fs::path& file : golden_files(a, config->info())) {
    method::GoldenScribe scribe(nn::read_safetensors(file));
    config->answer_golden(scribe);
    const method::GoldenReport report = scribe.report();
    passed = passed && report.passed();
    out.push_back(to_json(a.method, report));
    out.back()["file"] = file.filename().string();
    if (!program.json()) print(file.stem().string(), report);
  }
  if (program.json()) std::cout << compact(out.size() == 1 ? out.front() : out) << std::endl;
  return passed ? 0 : exit_code(ErrorKind::failed);
}

}  // namespace

void add_verify(Program& program) {
  auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* command = program.command("verify", "Compare a method with its golden file, largest relative error first",
                                      [&program, arguments] { return verify(program, *arguments); });
  command->add_option("method", arguments->method, "Method; see 'mien methods'")
      ->required()
      ->type_name(choice_type("METHOD", methods::names()));
  command
      ->add_option("--golden", arguments->golden, "One golden file (default: those of the method under tests/golden)")
      ->type_name("FILE");
  program.add_json_flag(command);
}

}  // namespace mien::app
