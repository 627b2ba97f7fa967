// SPDX-License-Identifier: Apache-2.0
// Any data set that can be read: finds the layout, reads the labels, makes the splits that were asked for.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "mien/dataset/ferplus.h"
#include "mien/dataset/file_tree.h"
#include "mien/dataset/listing.h"
#include "mien/dataset/splitting.h"

namespace mien::dataset {

struct ReadOptions {
  std::string layout = "auto";  ///< auto, ferplus, folders, csv
  FerplusOptions ferplus;
  std::string label_order;  ///< "", or see LabelOrder::named
  SplitShares shares;
};

struct DataSet {
  std::unique_ptr<FileTree> tree;
  Listing listing;
};

/// `path`: a folder, a zip, or a list (.csv, .txt, .lst). Throws bad_input with what was looked for where no layout
/// fits, or where no picture with a label is found.
DataSet read_data_set(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace mien::dataset
