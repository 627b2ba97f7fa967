// SPDX-License-Identifier: Apache-2.0
// Files: read whole, written completely or not at all (temporary file next to the target, then rename), or mapped.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace mien {

/// The whole file. Throws missing if it does not exist, bad_input if it is a folder or can't be read.
std::string read_file(const std::filesystem::path& path);
/// Replaces the content of `path` in one step; creates parent folders.
void write_file(const std::filesystem::path& path, std::string_view content);
/// Throws missing unless `path` exists; `what` describes it in the message ("picture", "pack").
void require_file(const std::filesystem::path& path, std::string_view what);
/// Throws missing: no such `what` ("file", "model", "file or folder"). The message says if the path is a URL
/// (https://…, s3://…): mien downloads nothing.
[[noreturn]] void fail_missing(const std::filesystem::path& path, std::string_view what);
/// Whether `path` exists, links followed. Throws bad_input with the reason if that cannot be determined,
/// as below a folder without permission.
bool path_exists(const std::filesystem::path& path);
/// Whether `path` is a folder; throws like path_exists().
bool path_is_folder(const std::filesystem::path& path);
/// Absolute `path`, without dots and, as far as it exists, without links; unchanged if it cannot be resolved.
std::filesystem::path whole_path(const std::filesystem::path& path);

/// Large output, written piece by piece; `path` does not change before commit().
class AtomicFile {
 public:
  /// Throws failed if `path` cannot be written, or is a folder, a device or a pipe.
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();  ///< without commit(): the temporary file is removed
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view bytes);
  void write_at(std::size_t offset, std::string_view bytes);  ///< overwrites bytes already written; the end stays
  std::size_t size() const { return size_; }
  /// Flushes to disk and renames. Throws failed if the disk is full.
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

/// $XDG_DATA_HOME/mien or ~/.local/share/mien; $MIEN_HOME takes precedence. Contains detector and landmark models.
/// Without HOME, the home folder is that of the user's account.
std::filesystem::path user_data_dir();
/// $XDG_CACHE_HOME/mien or ~/.cache/mien; $MIEN_CACHE takes precedence. Contains compiled networks.
std::filesystem::path user_cache_dir();

}  // namespace mien
