// SPDX-License-Identifier: Apache-2.0
#include "mien/app/report_folder.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/run_dir.h"

namespace mien::app {

namespace fs = std::filesystem;

void declare(CLI::App* command, ReportOptions& o, const std::string& default_folder,
             const std::string& thumbnails_help) {
  command
      ->add_option("--report", o.folder, "Folder for report.html, instead of " + default_folder + "; none: no report")
      ->type_name("DIR");
  o.thumbnails_option =
      command->add_flag(o.thumbnails ? "--thumbnails,!--no-thumbnails" : "--thumbnails", o.thumbnails, thumbnails_help);
}

void check_report(OutputGuard& guard, const ReportOptions& o) {
  if (!o.wanted() && o.thumbnails_option->count() > 0)
    fail_usage("--thumbnails is for the report, but --report none writes no report.", "Use only one of them.");
  if (!o.wanted() || o.folder.empty()) return;
  const fs::path folder = o.folder;
  guard.writes_into("--report", folder);
  if (path_exists(folder / "metrics.jsonl"))
    fail_usage(fmt::format("--report {}: this is the folder of a training run, which has its own report.", o.folder),
               "Choose another folder.");
  if (is_our_output(folder / "report.html", OutputKind::page)) return;  // the files next to it are mien's too
  for (const char* name : {"report.html", "report.json", "command.txt"})
    guard.writes("--report", folder / name, OutputKind::page);
}

void leave_report(const Program& program, const ReportOptions& o, const std::string& verb, const std::string& name,
                  const std::function<void(const fs::path& folder)>& write) {
  if (!o.wanted()) return;
  try {
    const fs::path folder = o.folder.empty() ? make_run_dir(fs::path("runs") / verb, name) : fs::path(o.folder);
    write_file(folder / "command.txt", program.command_line() + "\n");
    write(folder);
    program.say(fmt::format("Report: {}", (folder / "report.html").string()));
  } catch (const Error& error) {
    if (!o.folder.empty()) throw;
    program.say(fmt::format("mien: No report: {} Use --report DIR to write it to another folder.", error.message()));
  }
}

std::string name_from_path(const std::string& path) {
  std::error_code ignored;
  fs::path whole = fs::absolute(path, ignored).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  const std::string name = fs::is_directory(whole, ignored) ? whole.filename().string() : whole.stem().string();
  return name.empty() ? "root" : name;
}

}  // namespace mien::app
