// SPDX-License-Identifier: Apache-2.0
// The folder in which eval and predict write their page: runs/<verb>/<name>, or the one given with --report.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "mien/app/program.h"

namespace mien::app {

struct ReportOptions {
  std::string folder;                              ///< "": runs/<verb>/<name>; "none": no report
  bool thumbnails = false;                         ///< set before declare(): the default
  const CLI::Option* thumbnails_option = nullptr;  ///< set by declare()
  bool wanted() const { return folder != "none"; }
};
/// --report and --thumbnails; also --no-thumbnails, if they are the default.
void declare(CLI::App* command, ReportOptions& options, const std::string& default_folder,
             const std::string& thumbnails_help);

/// Before any work: refuses a folder for --report that is an input folder, belongs to a training run, or holds files of
/// these names that mien did not write.
void check_report(OutputGuard& guard, const ReportOptions& options);

/// Calls `write` with the folder, adds command.txt and prints the path of the page. The result is already printed: a
/// default folder that is not writable is only a warning; a folder given with --report is an error.
void leave_report(const Program& program, const ReportOptions& options, const std::string& verb,
                  const std::string& name, const std::function<void(const std::filesystem::path& folder)>& write);
/// The name of a file or folder without its extension; that of the folder itself for "." and for a trailing slash.
std::string name_from_path(const std::string& path);

}  // namespace mien::app
