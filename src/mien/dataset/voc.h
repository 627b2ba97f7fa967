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
/// Reads <object><name/><bndbox><xmin/><ymin/><xmax/><ymax/></bndbox></object>; parts of objects are skipped. The
/// corners are used as written. Nothing, with the reason in `why`, if an element is missing.
std::optional<VocAnnotation> parse_voc(std::string_view xml, std::string& why);

/// Whether a folder Annotations/ contains .xml files.
bool looks_like_voc(const FileTree& tree);
/// A picture in several lists belongs to train before valid before test; trainval.txt counts as train if the
/// picture is in no other list. If there are lists, pictures in none of them are left out.
Listing read_voc(const FileTree& tree, const LabelOrder& order);

}  // namespace mien::dataset
