// SPDX-License-Identifier: Apache-2.0
// Lists of pictures. CSV with a header: a picture column (path, image, file, filename, img_path; or pixels: 48 × 48
// numbers), a label column (label, emotion, expression) or eight columns named by class that hold a distribution, and
// optionally split (usage, phase), subject, and a face box x, y, w, h. Text lists without a header: "path label".
// muxspace's legend.csv (user.id,image,emotion) and fer2013.csv (emotion,pixels,Usage) are known by their headers.
#pragma once

#include <optional>
#include <string>

#include "mien/dataset/file_tree.h"
#include "mien/dataset/label_order.h"
#include "mien/dataset/listing.h"

namespace mien::dataset {

/// The list of a tree: the only CSV with a picture and a label column. Nothing where there is none. Throws bad_input
/// where several fit, or where the only candidate has no labels.
std::optional<std::string> find_list(const FileTree& tree);

/// Pictures are looked for beside the list, at the root and in a folder images/ of either. Throws bad_input for a list
/// without a picture or label column; bad lines, missing pictures and unmapped labels go into the findings.
Listing read_list(const FileTree& tree, const std::string& list, const LabelOrder& order);

}  // namespace mien::dataset
