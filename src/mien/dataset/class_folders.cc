// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/class_folders.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "mien/base/text.h"
#include "mien/image/image.h"

namespace mien::dataset {
namespace {

using Kind = LabelOrder::Kind;

/// The circulated folder form of FER2013 puts both of its test parts into one.
void remark_on_fer2013(Listing& listing) {
  const auto counts = count_classes(listing);
  const auto test = counts.find(pack::Split::test);
  if (test != counts.end() && std::accumulate(test->second.begin(), test->second.end(), std::size_t{0}) == 7178)
    listing.findings.remark(
        "test part looks like FER2013's PublicTest and PrivateTest together: figures on it are not comparable",
        "7178 pictures");
}

}  // namespace

std::optional<pack::Split> split_of_word(std::string_view word) {
  const std::string folded = lower(trim(word));
  if (folded == "dev" || folded == "publictest") return pack::Split::valid;
  if (folded == "privatetest") return pack::Split::test;
  return pack::split_from(folded);
}

bool looks_like_class_folders(const FileTree& tree, const LabelOrder& order) {
  return std::any_of(tree.files().begin(), tree.files().end(), [&](const std::string& name) {
    return image::has_image_name(name) && order.label_of(base_of(parent_of(name))).kind == Kind::expression;
  });
}

Listing read_class_folders(const FileTree& tree, const LabelOrder& order) {
  Listing listing;
  listing.layout = "folders";
  listing.data_set = tree.root().stem().string();
  listing.label_source = "folder names";
  std::set<std::string> mapping;
  std::size_t num_with_split = 0;
  for (const auto& name : tree.files()) {
    if (!image::has_image_name(name)) continue;
    const std::string folder = parent_of(name);
    const auto label = order.label_of(base_of(folder));
    if (label.kind == Kind::not_a_class) listing.findings.remark("left out by the label order", name);
    if (label.kind == Kind::unmapped) listing.findings.defect("folder names no expression", name);
    if (label.kind != Kind::expression) continue;
    const auto split = split_of_word(base_of(parent_of(folder)));
    num_with_split += split.has_value();
    mapping.insert(text(base_of(folder), " → ", face::to_string(label.expression)));
    listing.items.push_back({single_label(split.value_or(pack::Split::train), label.expression, name), {}, {}});
  }
  listing.mapping.assign(mapping.begin(), mapping.end());
  listing.has_splits = num_with_split > 0;
  if (listing.has_splits && num_with_split < listing.items.size())
    listing.findings.remark("picture outside the split folders, taken as train",
                            text(listing.items.size() - num_with_split, " pictures"));
  remark_on_fer2013(listing);
  return listing;
}

}  // namespace mien::dataset
