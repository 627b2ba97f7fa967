// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/raf_list.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::dataset {
namespace {

constexpr std::string_view kAligned = "Image/aligned/";

}  // namespace

bool is_raf_list(std::string_view name) {
  const std::string base = lower(base_of(name));
  return base == "list_patition_label.txt" || base == "list_partition_label.txt";  // the published and the correct one
}

void check_raf_pictures(const FileTree& tree, const std::string& list) {
  const bool has_pictures = std::any_of(tree.files().begin(), tree.files().end(),
                                        [](const auto& name) { return name.find(kAligned) != std::string::npos; });
  check_input(
      has_pictures,
      fmt::format(
          "{}: RAF-DB's list without its pictures: there is no folder {} with train_00001_aligned.jpg and so on.",
          tree.describe(list), kAligned),
      "Unpack aligned.zip, so that Image/ and EmoLabel/ are in the same folder, and give this folder.");
}

std::string raf_picture(const std::string& listed) {
  const auto dot = listed.rfind('.');
  if (dot == std::string::npos) return std::string(kAligned) + listed;
  return fmt::format("{}{}_aligned{}", kAligned, listed.substr(0, dot), listed.substr(dot));
}

}  // namespace mien::dataset
