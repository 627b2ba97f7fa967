// SPDX-License-Identifier: Apache-2.0
// YOLO's form: labels/<name>.txt next to images/<name>.*, one box per line: "class centre-x centre-y width height" in
// fractions of the picture's sides. An empty file is a picture without faces; a picture without a file is not read.
#pragma once

#include "mien/dataset/file_tree.h"
#include "mien/dataset/label_order.h"
#include "mien/dataset/listing.h"

namespace mien::dataset {

/// Whether a folder labels/ contains .txt files whose first line is such a box.
bool looks_like_yolo(const FileTree& tree);
/// Classes by `order`, otherwise by classes.txt or data.yaml. A folder named after a part, above or below labels/, sets
/// the part.
Listing read_yolo(const FileTree& tree, const LabelOrder& order);

}  // namespace mien::dataset
