// SPDX-License-Identifier: Apache-2.0
// Lists of pictures: tables (.csv, .tsv, .txt, .lst) with a first line that names the columns (table.h), with any
// separator and encoding (base/csv.h), and lists "path label" without one. Detected formats: fer2013.csv, muxspace's
// legend.csv, AffectNet's training.csv and validation.csv, RAF-DB's list_patition_label.txt.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/dataset/file_tree.h"
#include "mien/dataset/label_order.h"
#include "mien/dataset/listing.h"

namespace mien::dataset {

/// A list, and the part that its name gives to all its rows ("test_labels.csv").
struct ListFile {
  std::string name;
  std::optional<pack::Split> split;
};

/// Whether the name has the extension of a list.
bool has_list_name(std::string_view name);

/// The lists of a tree: the only one with a picture and a label column, or one per part, recognised by their names.
/// Empty if there is none. Throws bad_input if several candidates fit, or if the only candidate has no labels.
std::vector<ListFile> find_lists(const FileTree& tree);

/// Whether a list contains pixels and labels.
bool is_pixel_list(const FileTree& tree, const std::string& name);
/// FER2013's pixels and FER+'s votes for them (fer2013new.csv), if the tree has them.
std::optional<std::string> find_pixel_list(const FileTree& tree);
std::optional<std::string> find_vote_list(const FileTree& tree);

/// Pictures are searched by PictureFinder. Throws bad_input for a list without a picture or label column; bad
/// lines, missing pictures and unmapped labels are findings. The classes are those that occur; detected
/// formats have the classes of their data set.
Listing read_lists(const FileTree& tree, const std::vector<ListFile>& lists, const LabelOrder& order);

}  // namespace mien::dataset
