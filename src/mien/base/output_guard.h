// SPDX-License-Identifier: Apache-2.0
// Compares a command's outputs with its inputs before any work is done (docs/formats.md, "Outputs"):
//     an output is never an input, also under another spelling, through a link or under a second name of the same file;
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

/// Text stored as a comment in every annotated picture, so that a later run recognises it.
inline constexpr std::string_view kPictureMark = "Written by mien";
/// The comment of every page: <meta name="generator" content="mien">.
inline constexpr std::string_view kPageMark = "name=\"generator\" content=\"mien\"";

/// First columns of the tables written by noise-report and data noise.
inline constexpr std::string_view kNoiseReportColumns = "index,source,label,answer,probability,threshold,margin";
inline constexpr std::string_view kTruthColumns = "index,source,clean,noisy";
inline constexpr std::string_view kBoxTruthColumns = "index,box,source,clean,noisy";

/// Whether the content shows that mien wrote this file as an output of this kind; false if it cannot be read.
bool is_our_output(const std::filesystem::path& file, OutputKind kind);

class OutputGuard {
 public:
  /// `command` begins the messages: "data pack". `overwrite`: whether --overwrite was given.
  OutputGuard(std::string command, bool overwrite) : command_(std::move(command)), overwrite_(overwrite) {}

  /// A file or folder that the command reads; one that does not exist is ignored.
  void reads(const std::filesystem::path& path);
  /// A file that the command writes; `option` names it in the messages ("-o", "--rest"). Throws usage if it is an
  /// input or another output, is in an input folder and was not written by mien, is a folder or a device, or
  /// exists and was not written by mien.
  void writes(std::string_view option, const std::filesystem::path& file, OutputKind kind);
  /// A folder to which the command writes files. Throws usage if it is an input folder, or a file.
  void writes_into(std::string_view option, const std::filesystem::path& folder);

 private:
  using Identity = std::pair<std::uint64_t, std::uint64_t>;  ///< device and inode: equal for all names of a file

  bool is_below_input(const std::filesystem::path& file) const;

  std::string command_;
  bool overwrite_;
  std::map<Identity, std::string> inputs_;         ///< as given by the user
  std::map<Identity, std::string> input_folders_;  ///< as given by the user
  std::set<std::filesystem::path> outputs_;        ///< full paths
};

}  // namespace mien
