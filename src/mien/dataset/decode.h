// SPDX-License-Identifier: Apache-2.0
// From an entry of a listing to its picture.
#pragma once

#include "mien/dataset/file_tree.h"
#include "mien/dataset/listing.h"
#include "mien/image/image.h"

namespace mien::dataset {

/// Upright, as from image::load_image. Throws bad_input with the name in the data set.
/// `notes` as in image::decode_image.
image::Image decode_picture(const FileTree& tree, const Item& item, std::vector<std::string>* notes = nullptr);

}  // namespace mien::dataset
