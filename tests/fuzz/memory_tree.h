// SPDX-License-Identifier: Apache-2.0
// A data set in memory, so that a list can change in every execution without writing files.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mien/base/error.h"
#include "mien/dataset/file_tree.h"

namespace mien::fuzz {

class MemoryTree final : public dataset::FileTree {
 public:
  explicit MemoryTree(std::map<std::string, std::string> files) : FileTree("fuzz"), content_(std::move(files)) {
    std::vector<std::string> names;
    for (const auto& [name, content] : content_) names.push_back(name);
    set_files(std::move(names));
  }
  /// Replaces the content of an existing file.
  void put(const std::string& name, std::string_view content) { content_.at(name) = content; }
  std::string read(const std::string& name) const override {
    const auto found = content_.find(name);
    check_input(found != content_.end(), describe(name) + ": not there.");
    return found->second;
  }

 private:
  std::map<std::string, std::string> content_;
};

}  // namespace mien::fuzz
