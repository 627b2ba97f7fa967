// SPDX-License-Identifier: Apache-2.0
// AffectNet in its form of 2021: {train_set,val_set}/images/N.jpg with annotations/N_exp.npy, one value per file. The
// form of 2017 is a list (csv_list.h).
#pragma once

#include "mien/dataset/file_tree.h"
#include "mien/dataset/label_order.h"
#include "mien/dataset/listing.h"

namespace mien::dataset {

/// Whether the tree has a file annotations/*_exp.npy with a folder images/ next to annotations/.
bool looks_like_affectnet(const FileTree& tree);
/// Validation pictures become the test part: papers report on them, as AffectNet's test part was never published.
/// Annotations without a picture and values that cannot be read are defects.
Listing read_affectnet(const FileTree& tree, const LabelOrder& order);

/// Adds the remark that AffectNet's validation pictures are the test part.
void remark_on_validation(Listing& listing, const std::string& where);

}  // namespace mien::dataset
