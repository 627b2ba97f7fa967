// SPDX-License-Identifier: Apache-2.0
// The files of a data set, from a folder or straight from its zip. Names are relative, with '/' between parts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mien::dataset {

class FileTree {
 public:
  /// Opens a folder or a zip. Throws missing, or bad_input for anything else (also a cut zip).
  static std::unique_ptr<FileTree> open(const std::filesystem::path& path);
  virtual ~FileTree() = default;

  /// All files in byte order of their names, without system litter (._*, .DS_Store, Thumbs.db, __MACOSX/).
  const std::vector<std::string>& files() const { return files_; }
  bool contains(std::string_view name) const;
  /// The stored spelling of a name that differs in case or has spaces for underscores; nothing where none or several
  /// fit.
  std::optional<std::string> find_loosely(std::string_view name) const;
  /// The whole file; safe from several threads. Throws bad_input where it can't be read or is larger than 1 GB.
  virtual std::string read(const std::string& name) const = 0;
  /// "folder/name" for messages.
  std::string describe(std::string_view name) const;
  const std::filesystem::path& root() const { return root_; }

 protected:
  explicit FileTree(std::filesystem::path root) : root_(std::move(root)) {}
  /// Sorts, drops litter; called once by the constructors.
  void set_files(std::vector<std::string> files);

 private:
  std::filesystem::path root_;
  std::vector<std::string> files_;
  std::vector<std::pair<std::string, std::size_t>> folded_;  ///< folded name → position, sorted
};

/// "a/b/c.png" → "a/b" and "c.png"; "" where there is no folder.
std::string parent_of(std::string_view name);
std::string base_of(std::string_view name);

}  // namespace mien::dataset
