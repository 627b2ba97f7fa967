// SPDX-License-Identifier: Apache-2.0
// mien verify METHOD: this build against the reference's golden file, tensor by tensor.
#include <filesystem>
#include <iostream>
#include <memory>

#include "mien/app/commands.h"
#include "mien/app/program.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/methods/registry.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

struct VerifyArguments {
  std::string method, golden;
};

fs::path golden_file(const VerifyArguments& a) {
  if (!a.golden.empty()) return a.golden;
  const std::string name = a.method + ".safetensors";
  for (const fs::path& folder : {fs::path("tests/golden"), fs::path(MIEN_SOURCE_DIR) / "tests/golden"})
    if (fs::exists(folder / name)) return folder / name;
  throw Error(ErrorKind::missing, text("No golden file ", name, " under tests/golden."),
              "Name one with --golden FILE.");
}

int verify(const Program& program, const VerifyArguments& a) {
  auto config = methods::make_config(a.method);
  const auto golden = nn::read_safetensors(golden_file(a));
  auto method = config->build_golden(golden);
  const auto report = method::compare_golden(golden, method->run_golden(golden));
  if (program.json()) {
    Json failed = Json::array();
    for (const auto& row : report.rows)
      if (!row.passed()) failed.push_back(row.name);
    for (const auto& name : report.unanswered) failed.push_back(name);
    const auto& worst = report.rows.front();
    std::cout << compact(Json{
                     {"method", a.method},
                     {"tensors", report.rows.size()},
                     {"worst",
                      {{"name", worst.name}, {"relative_error", worst.relative_error}, {"tolerance", worst.tolerance}}},
                     {"failed", failed},
                     {"passed", report.passed()}})
              << std::endl;
  } else {
    for (const auto& row : report.rows) {
      char line[200];
      std::snprintf(line, sizeof line, "%-44s %9.2e  (tolerance %.0e)  %s\n", row.name.c_str(), row.relative_error,
                    row.tolerance, row.passed() ? "ok" : "FAILED");
      std::cout << line;
    }
    for (const auto& name : report.unanswered) std::cout << name << "  not computed by this build  FAILED\n";
    std::cout << a.method << ": " << report.rows.size() << " tensors, "
              << (report.passed() ? "all within tolerance" : "NOT equal to the reference") << std::endl;
  }
  return report.passed() ? 0 : exit_code(ErrorKind::failed);
}

}  // namespace

void add_verify(Program& program) {
  auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* command = program.command("verify", "Hold a method against its golden file, worst relative error first",
                                      [&program, arguments] { return verify(program, *arguments); });
  command->add_option("method", arguments->method, "Method; see 'mien methods'")->required();
  command->add_option("--golden", arguments->golden, "Golden file; default tests/golden/<method>.safetensors");
  program.add_json_flag(command);
}

}  // namespace mien::app
