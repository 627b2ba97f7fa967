// SPDX-License-Identifier: Apache-2.0
// From an entry of a listing to its picture.
#pragma once

#include "mien/prepare/file_tree.h"
#include "mien/prepare/listing.h"
#include "mien/vision/image.h"

namespace mien::prepare {

/// Upright, as vision::load_image gives it. Throws bad_input with the name in the data set.
/// `notes` as in vision::decode_image.
vision::Image decode_picture(const FileTree& tree, const Item& item, std::vector<std::string>* notes = nullptr);

}  // namespace mien::prepare
