// SPDX-License-Identifier: Apache-2.0
// Files: read whole, written whole or not at all (temporary file beside the target, then rename), or mapped.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace mien {

/// The whole file. Throws missing where it does not exist, bad_input where it is a folder or can't be read.
std::string read_file(const std::filesystem::path& path);
/// Replaces `path` by `content` in one step; parent folders are made.
void write_file(const std::filesystem::path& path, std::string_view content);
/// Throws missing unless `path` exists; `what` names it in the message ("picture", "pack").
void require_file(const std::filesystem::path& path, std::string_view what);
/// Throws missing: no such `what` ("file", "model", "file or folder"). Says so where the path is an address
/// (https://…, s3://…): mien fetches nothing.
[[noreturn]] void fail_missing(const std::filesystem::path& path, std::string_view what);
/// Whether something lies under `path`, links followed. Throws bad_input with the reason where that cannot be told, as
/// below a folder that may not be entered.
bool path_exists(const std::filesystem::path& path);
/// Whether `path` is a folder; throws as path_exists().
bool path_is_folder(const std::filesystem::path& path);
/// `path` from the root, without dots and, as far as it exists, without links; as it is where there is no way to tell.
std::filesystem::path whole_path(const std::filesystem::path& path);

/// Large output, written piece by piece; nothing appears under `path` before commit().
class AtomicFile {
 public:
  /// Throws failed where `path` cannot be written, or is a folder, a device or a pipe.
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();  ///< without commit(): the temporary file is removed
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view bytes);
  void write_at(std::size_t offset, std::string_view bytes);  ///< overwrites bytes already written; the end stays
  std::size_t size() const { return size_; }
  /// Flushes to disk and renames. Throws failed where the disk is full.
  void commit();

 private:
  [[noreturn]] void fail_write(const char* step);

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::FILE* file_ = nullptr;
  std::size_t size_ = 0;
};

/// Read-only memory map of a whole file; an empty file gives an empty span.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// $XDG_DATA_HOME/mien or ~/.local/share/mien; $MIEN_HOME wins. Detector and landmark models live here. Without HOME
/// the home folder is that of the user's account.
std::filesystem::path user_data_dir();
/// $XDG_CACHE_HOME/mien or ~/.cache/mien; $MIEN_CACHE wins. Compiled networks live here.
std::filesystem::path user_cache_dir();

}  // namespace mien
