// SPDX-License-Identifier: Apache-2.0
// Class folders: [train|val|test]/<expression>/picture; the folder that contains a picture names its class.
#pragma once

#include "mien/dataset/file_tree.h"
#include "mien/dataset/label_order.h"
#include "mien/dataset/listing.h"

namespace mien::dataset {

/// Whether a picture is in a folder with the name (or, with an order, number) of an expression.
bool looks_like_class_folders(const FileTree& tree, const LabelOrder& order);
/// The classes are those of all parts, also of empty folders. RAF-DB (looks_like_raf) has its seven classes and,
/// without an order, its numbers. Files that are not pictures are left to the caller.
Listing read_class_folders(const FileTree& tree, const LabelOrder& order);

/// "train_00001_aligned.jpg", "test_0001_aligned.jpg": RAF-DB's own names, which also give the part.
bool is_raf_name(std::string_view name);
/// RAF-DB as commonly shared: DATASET/{train,test}/{1..7} with two lists, or numbered folders of its aligned pictures.
bool looks_like_raf(const FileTree& tree);
/// The name of a data set by its folder, zip or list: "sets/fer.zip" → "fer", "." → the name of the current folder.
std::string name_of(const std::filesystem::path& path);

/// train, training; valid, val, validation, dev, publictest; test, testing, privatetest.
std::optional<pack::Split> split_of_word(std::string_view word);
/// The first such word in a name: "train_labels.csv" → train.
std::optional<pack::Split> split_in_name(std::string_view name);

}  // namespace mien::dataset
