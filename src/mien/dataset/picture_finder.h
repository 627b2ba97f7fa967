// SPDX-License-Identifier: Apache-2.0
// From the name that a list gives a picture to the file that it means.
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
    std::string why;                    ///< why nothing was found, where more is known than that it is not there
  };
  /// A picture as a list in `list` names it, with '/' or '\': relative to the list, to the root, or to a folder images/
  /// of either; an absolute path; a path within a folder that occurs once in the tree; without its ending. `choose`
  /// tells several files of one name apart: it gets their names, and the one it accepts counts where it is the only
  /// one.
  Found find(const std::string& listed, const std::string& list,
             const std::function<bool(const std::string&)>& choose = {}) const;

  /// Lists that were written on another machine name folders that are not here. Where none of the pictures is found as
  /// it is named, the shortest beginning without which most of them are found is left out of all; returned, or empty.
  std::string learn_prefix(const std::vector<std::string>& listed, const std::string& list);

 private:
  std::optional<std::string> near_list(const std::string& name, const std::string& list) const;
  std::optional<std::string> on_disk(const std::string& name) const;
  std::vector<std::string> ending_with(const std::string& name) const;
  std::optional<std::string> same_stem(const std::string& name, const std::string& list, bool any_ending) const;

  const FileTree& tree_;
  std::string prefix_;
  mutable std::map<std::string, std::vector<std::size_t>> by_base_;  ///< folded last name → positions; made when needed
};

}  // namespace mien::dataset
