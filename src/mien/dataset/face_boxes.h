// SPDX-License-Identifier: Apache-2.0
// Data sets of faces that also give each face's box in its original picture, read as pictures with boxes: RAF-DB
// (Image/original/ with Annotation/boundingbox/) and lists with the columns of a box (AffectNet of 2017).
#pragma once

#include "mien/dataset/file_tree.h"
#include "mien/dataset/label_order.h"
#include "mien/dataset/listing.h"

namespace mien::dataset {

/// RAF-DB by its list (raf_list.h). Throws bad_input if Image/original/ or Annotation/boundingbox/ is missing.
Listing read_raf_boxes(const FileTree& tree, const std::string& list, const LabelOrder& order);

/// The faces of a list (read_lists) → its pictures, each with the boxes of all its faces. A face without a box is a
/// defect.
Listing boxes_of_faces(Listing faces);

}  // namespace mien::dataset
