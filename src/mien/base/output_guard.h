// SPDX-License-Identifier: Apache-2.0
// What a command writes, held against what it reads before any work is done (docs/formats.md, "Outputs"):
//   an output is never an input, under no other spelling, through no link and as no second name of the same file;
//   an output folder is never an input folder;
//   an existing file that mien did not write is replaced only with --overwrite.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mien {

enum class OutputKind { pack, model, checkpoint, picture, page, table };

/// Words that every annotated picture carries as a comment, so that a later run knows it again.
inline constexpr std::string_view kPictureMark = "Written by mien";
/// The comment of every page: <meta name="generator" content="mien">.
inline constexpr std::string_view kPageMark = "name=\"generator\" content=\"mien\"";

/// First columns of the tables that noise-report and data noise write.
inline constexpr std::string_view kNoiseReportColumns = "index,source,label,answer,probability,threshold,margin";
inline constexpr std::string_view kTruthColumns = "index,source,clean,noisy";
inline constexpr std::string_view kBoxTruthColumns = "index,box,source,clean,noisy";

/// Whether mien wrote this file as an output of this kind, told by its content; false where it cannot be read.
bool is_our_output(const std::filesystem::path& file, OutputKind kind);

class OutputGuard {
 public:
  /// `command` begins the messages: "data pack". `overwrite`: whether --overwrite was given.
  OutputGuard(std::string command, bool overwrite) : command_(std::move(command)), overwrite_(overwrite) {}

  /// A file or folder that the command reads; one that does not exist is passed over.
  void reads(const std::filesystem::path& path);
  /// A file that the command writes; `option` names it in the messages ("-o", "--rest"). Throws usage where it is an
  /// input or another output, lies in an input folder and is not ours, is a folder or a device, or exists and is not
  /// ours.
  void writes(std::string_view option, const std::filesystem::path& file, OutputKind kind);
  /// A folder that the command writes files into. Throws usage where it is an input folder, or a file.
  void writes_into(std::string_view option, const std::filesystem::path& folder);

 private:
  using Identity = std::pair<std::uint64_t, std::uint64_t>;  ///< device and inode: equal for all names of a file

  bool is_below_input(const std::filesystem::path& file) const;

  std::string command_;
  bool overwrite_;
  std::map<Identity, std::string> inputs_;         ///< as they were named
  std::map<Identity, std::string> input_folders_;  ///< as they were named
  std::set<std::filesystem::path> outputs_;        ///< whole paths
};

}  // namespace mien
