// SPDX-License-Identifier: Apache-2.0
// From a picture's name in a list to its file.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/dataset/file_tree.h"

namespace mien::dataset {

class PictureFinder {
 public:
  explicit PictureFinder(const FileTree& tree) : tree_(tree) {}

  struct Found {
    std::optional<std::string> source;  ///< name in the tree; of a file outside: its path from the tree's root
    std::string why;                    ///< why nothing was found, if the reason is known
  };
  /// A picture by its name in the list `list`, with '/' or '\': relative to the list, to the root, or to a folder
  /// images/ of either; an absolute path; a path within a folder that occurs once in the tree; without its extension.
  /// `choose` distinguishes several files of one name: it gets their names, and the one it accepts is used if it is the
  /// only one.
  Found find(const std::string& listed, const std::string& list,
             const std::function<bool(const std::string&)>& choose = {}) const;

  /// Lists that were written on another machine contain folders that do not exist. If none of the pictures is found as
  /// written, the shortest prefix without which most of them are found is removed from all; returned, or empty.
  std::string learn_prefix(const std::vector<std::string>& listed, const std::string& list);

 private:
  std::optional<std::string> near_list(const std::string& name, const std::string& list) const;
  std::optional<std::string> on_disk(const std::string& name) const;
  std::vector<std::string> ending_with(const std::string& name) const;
  std::optional<std::string> same_stem(const std::string& name, const std::string& list, bool any_ending) const;

  const FileTree& tree_;
  std::string prefix_;
  mutable std::map<std::string, std::vector<std::size_t>> by_base_;  ///< folded last name → positions; filled on use
};

}  // namespace mien::dataset
