// SPDX-License-Identifier: Apache-2.0
// Class folders: [train|val|test]/<expression>/picture, the folder right above a picture names its class.
#pragma once

#include "mien/dataset/file_tree.h"
#include "mien/dataset/label_order.h"
#include "mien/dataset/listing.h"

namespace mien::dataset {

/// Whether any picture lies in a folder with the name (or, with an order, number) of an expression.
bool looks_like_class_folders(const FileTree& tree, const LabelOrder& order);
Listing read_class_folders(const FileTree& tree, const LabelOrder& order);

/// train, training; valid, val, validation, dev, publictest; test, testing, privatetest.
std::optional<pack::Split> split_of_word(std::string_view word);

}  // namespace mien::dataset
