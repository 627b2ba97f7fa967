// SPDX-License-Identifier: Apache-2.0
// FER+ in its authors' layout: FER2013{Train,Valid,Test}/ with pictures and label.csv, anywhere below the root; next to
// them, if requested, fer2013new.csv. The two label sources differ in 1,602 pictures; label.csv gives the usual split.
// Or fer2013.csv, which contains the pixels, and fer2013new.csv, whose rows are in the same order.
#pragma once

#include <string>

#include "mien/dataset/file_tree.h"
#include "mien/dataset/label_rule.h"
#include "mien/dataset/listing.h"

namespace mien::dataset {

struct FerplusOptions {
  LabelRule rule = LabelRule::majority;
  bool from_fer2013new = false;  ///< votes of fer2013new.csv instead of label.csv
};

/// fer2013.csv with the votes of fer2013new.csv, joined by row: the numbers in the votes' picture names are not the
/// rows. Throws bad_input if the lists differ in length or, at any row, in the part that they name.
Listing read_ferplus_rows(const FileTree& tree, const std::string& pixel_list, const std::string& vote_list,
                          LabelRule rule);

/// Whether the tree has at least one part with its label.csv.
bool looks_like_ferplus(const FileTree& tree);
/// Throws bad_input if a part of the layout is missing; bad rows and missing pictures are findings.
Listing read_ferplus(const FileTree& tree, const FerplusOptions& options);

}  // namespace mien::dataset
