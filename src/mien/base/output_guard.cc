// SPDX-License-Identifier: Apache-2.0
#include "mien/base/output_guard.h"

#include <fmt/core.h>

#include <sys/stat.h>

#include <fstream>
#include <optional>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/pack_magic.h"

namespace mien {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kHead = 1024;  ///< pictures, pages and tables are recognised by their start

/// Follows links; nothing if the file does not exist or cannot be accessed.
std::optional<struct stat> look_at(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return info;
}

/// The first kilobyte; empty if the file cannot be read.
std::string head_of(const fs::path& file) {
  std::string head(kHead, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  return head;
}

/// Model files and checkpoints: their records can be anywhere in the file.
bool contains(const fs::path& file, std::string_view words) {
  try {
    const MappedFile mapped(file);
    const std::string_view content(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size());
    return content.find(words) != std::string_view::npos;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

bool is_our_output(const fs::path& file, OutputKind kind) {
  const std::string head = head_of(file);
  switch (kind) {
    case OutputKind::pack:
      return head.starts_with(kPackMagic);
    case OutputKind::model:
      return contains(file, "mien.card");
    case OutputKind::checkpoint:
      return contains(file, "mien.checkpoint");
    case OutputKind::picture:
      return head.find(kPictureMark) != std::string::npos;
    case OutputKind::page:
      return head.find(kPageMark) != std::string::npos;
    case OutputKind::table:
      return head.starts_with(kNoiseReportColumns) || head.starts_with(kTruthColumns) ||
             head.starts_with(kBoxTruthColumns);
  }
  return false;
}

void OutputGuard::reads(const fs::path& path) {
  const auto info = look_at(path);
  if (!info) return;
  auto& known = S_ISDIR(info->st_mode) ? input_folders_ : inputs_;
  known.emplace(Identity(info->st_dev, info->st_ino), path.string());
}

bool OutputGuard::is_below_input(const fs::path& file) const {
  if (input_folders_.empty()) return false;
  for (fs::path folder = whole_path(file).parent_path();; folder = folder.parent_path()) {
    const auto info = look_at(folder);
    if (info && input_folders_.contains(Identity(info->st_dev, info->st_ino))) return true;
    if (folder == folder.parent_path()) return false;
  }
}

void OutputGuard::writes(std::string_view option, const fs::path& file, OutputKind kind) {
  const std::string named = fmt::format("{}: {} {}", command_, option, file.string());
  if (!outputs_.insert(whole_path(file)).second)
    fail_usage(fmt::format("{} is the same file as another output.", named), "Give each output a different name.");
  const auto info = look_at(file);
  if (!info) return;
  if (S_ISDIR(info->st_mode))
    fail_usage(fmt::format("{} is a folder, expected a file.", named),
               fmt::format("Give a file in this folder: {}.", (file / "NAME").string()));
  if (!S_ISREG(info->st_mode))
    fail_usage(fmt::format("{} is a device or a pipe, expected a file.", named), "Give the name of a file.");
  if (const auto input = inputs_.find(Identity(info->st_dev, info->st_ino)); input != inputs_.end())
    fail_usage(fmt::format("{} would replace the input {}.", named, input->second), "Choose another name.");
  if (info->st_size == 0 || is_our_output(file, kind)) return;
  if (is_below_input(file))
    fail_usage(fmt::format("{} would replace a file of the input folder.", named),
               "Choose another name or another folder.");
  if (!overwrite_)
    fail_usage(fmt::format("{} exists and was not written by mien.", named),
               "Choose another name, or add --overwrite to replace it.");
}

void OutputGuard::writes_into(std::string_view option, const fs::path& folder) {
  const std::string named = fmt::format("{}: {} {}", command_, option, folder.string());
  const auto info = look_at(folder);
  if (!info) return;
  if (!S_ISDIR(info->st_mode))
    fail_usage(fmt::format("{} is a file, expected a folder.", named), "Give the name of a folder.");
  if (const auto input = input_folders_.find(Identity(info->st_dev, info->st_ino)); input != input_folders_.end())
    fail_usage(fmt::format("{} is the input folder {}.", named, input->second), "Choose another folder.");
}

}  // namespace mien
