// SPDX-License-Identifier: Apache-2.0
// The files of a data set, from a folder or directly from its zip file. Names are relative, with '/' between parts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mien/image/image.h"

namespace mien::dataset {

class FileTree {
 public:
  /// Opens a folder or a zip file. Throws missing, or bad_input for anything else (also a truncated zip file).
  static std::unique_ptr<FileTree> open(const std::filesystem::path& path);
  virtual ~FileTree() = default;

  /// All files in byte order of their names, without hidden ones and what systems leave behind (base/folder.h).
  const std::vector<std::string>& files() const { return files_; }
  /// All folders in byte order, including empty ones.
  const std::vector<std::string>& folders() const { return folders_; }
  /// Other entries: name and kind ("hidden file or folder", "a broken link").
  const std::vector<std::pair<std::string, std::string>>& passed_over() const { return passed_over_; }
  bool contains(std::string_view name) const;
  /// The stored spelling of a name that differs in case or has spaces for underscores; nothing if none or several
  /// fit.
  std::optional<std::string> find_loosely(std::string_view name) const;
  /// How many files differ from the name only in case or spaces.
  std::size_t count_loosely(std::string_view name) const;
  /// A picture by its extension; everything else by its first bytes. Not thread-safe: results are cached.
  const image::ContentKind& kind_of(const std::string& name) const;
  bool is_picture(const std::string& name) const { return kind_of(name).content == image::Content::picture; }
  /// The whole file; thread-safe. Throws bad_input if it cannot be read or is larger than 1 GB.
  virtual std::string read(const std::string& name) const = 0;
  /// The first bytes of a file, at most `count`; empty if it cannot be read.
  virtual std::string head(const std::string& name, std::size_t count) const;
  /// "folder/name" for messages.
  std::string describe(std::string_view name) const;
  const std::filesystem::path& root() const { return root_; }

 protected:
  explicit FileTree(std::filesystem::path root) : root_(std::move(root)) {}
  /// Sorts, removes system files; called once by the constructors. `folders` need not list those with files.
  void set_files(std::vector<std::string> files, std::vector<std::string> folders = {});
  void pass_over(std::string name, std::string kind) { passed_over_.emplace_back(std::move(name), std::move(kind)); }

 private:
  std::filesystem::path root_;
  std::vector<std::string> files_, folders_;
  std::vector<std::pair<std::string, std::string>> passed_over_;
  mutable std::unordered_map<std::string, image::ContentKind> kinds_;
  std::vector<std::pair<std::string, std::size_t>> folded_;  ///< folded name → position, sorted
};

/// Lower case, spaces as underscores: readers treat names as equal if only these differ.
std::string folded(std::string_view name);
/// "a/b/c.png" → "a/b" and "c.png"; "" if there is no folder.
std::string parent_of(std::string_view name);
std::string base_of(std::string_view name);

}  // namespace mien::dataset
