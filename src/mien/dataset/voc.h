// SPDX-License-Identifier: Apache-2.0
// Pascal VOC's form: Annotations/<name>.xml and JPEGImages/<name>.* in one folder, with the parts in
// ImageSets/Main/{train,val,trainval,test}.txt.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/dataset/box_listing.h"

namespace mien::dataset {

struct VocAnnotation {
  std::string picture;  ///< <filename>, may be ""
  std::vector<WrittenBox> boxes;
};
/// Reads <object><name/><bndbox><xmin/><ymin/><xmax/><ymax/></bndbox></object>; parts of objects are passed over. The
/// corners are taken as they are written. Nothing, and the reason in `why`, where something of it is missing.
std::optional<VocAnnotation> parse_voc(std::string_view xml, std::string& why);

/// Whether a folder Annotations/ holds .xml files.
bool looks_like_voc(const FileTree& tree);
/// A picture that stands in two lists counts for train before valid before test; trainval.txt counts as train where a
/// picture stands in no other list. Pictures in no list are left out where there are lists.
Listing read_voc(const FileTree& tree, const LabelOrder& order);

}  // namespace mien::dataset
