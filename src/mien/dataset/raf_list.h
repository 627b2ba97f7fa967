// SPDX-License-Identifier: Apache-2.0
// RAF-DB's own list, EmoLabel/list_patition_label.txt: "train_00001.jpg 5"; its pictures are
// Image/aligned/train_00001_aligned.jpg.
#pragma once

#include <string>
#include <string_view>

#include "mien/dataset/file_tree.h"

namespace mien::dataset {

bool is_raf_list(std::string_view name);
/// Throws bad_input if the tree lacks Image/aligned/.
void check_raf_pictures(const FileTree& tree, const std::string& list);
/// "train_00001.jpg" → "Image/aligned/train_00001_aligned.jpg".
std::string raf_picture(const std::string& listed);

}  // namespace mien::dataset
