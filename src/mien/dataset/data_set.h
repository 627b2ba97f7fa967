// SPDX-License-Identifier: Apache-2.0
// Any supported data set: detects the layout, reads the labels, creates the requested splits.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "mien/dataset/ferplus.h"
#include "mien/dataset/file_tree.h"
#include "mien/dataset/listing.h"
#include "mien/dataset/splitting.h"

namespace mien::dataset {

enum class Layout { ferplus, folders, csv, affectnet, boxes, voc, yolo };
std::string_view to_string(Layout layout);
/// "auto" and the names of the layouts.
std::vector<std::string> layout_names();

struct ReadOptions {
  std::string layout = "auto";  ///< one of layout_names()
  FerplusOptions ferplus;
  bool rule_is_stated = false, votes_are_stated = false;  ///< whether the user requested them; refused for other sets
  std::string label_order;                                ///< "", or see LabelOrder::named
  SplitShares shares;
};

struct DataSet {
  std::unique_ptr<FileTree> tree;
  Listing listing;
};

/// `path`: a folder, a zip file, or a list (.csv, .tsv, .txt, .lst). Unused files are reported as remarks by
/// kind. Throws usage if options do not belong to the data set or leave open which labels are meant; bad_input with
/// what was expected if no layout fits, or if no picture with a label is found.
DataSet read_data_set(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace mien::dataset
