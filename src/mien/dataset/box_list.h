// SPDX-License-Identifier: Apache-2.0
// Lists of pictures with boxes, "path left,top,right,bottom,class [left,top,right,bottom,class …]", pixels of the
// original picture. A line without a box is a picture without faces.
#pragma once

#include <string_view>
#include <vector>

#include "mien/dataset/csv_list.h"
#include "mien/dataset/file_tree.h"
#include "mien/dataset/label_order.h"
#include "mien/dataset/listing.h"

namespace mien::dataset {

/// Whether one of the first lines ends like a box: "10,20,30,40,5".
bool looks_like_box_list(std::string_view head);
/// The lists of a tree: the only one, or one per part, recognised by their names. Throws bad_input if several
/// other candidates fit.
std::vector<ListFile> find_box_lists(const FileTree& tree);
/// Classes by `order`, otherwise by the names in the tree (class_names_in). Bad lines, missing pictures and wrong
/// boxes are findings.
Listing read_box_lists(const FileTree& tree, const std::vector<ListFile>& lists, const LabelOrder& order);

}  // namespace mien::dataset
