// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/affectnet.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/class_folders.h"
#include "mien/dataset/npy.h"

namespace mien::dataset {
namespace {

constexpr std::string_view kLabelEnding = "_exp.npy";
constexpr std::array<std::string_view, 3> kOtherValues = {"_val.npy", "_aro.npy", "_lnd.npy"};
constexpr std::array<std::string_view, 3> kPictureEndings = {".jpg", ".png", ".jpeg"};

bool is_label_file(const std::string& name) {
  return name.ends_with(kLabelEnding) && lower(base_of(parent_of(name))) == "annotations";
}

/// "train_set/annotations/12_exp.npy" → "train_set/images/12".
std::string picture_stem(const std::string& name) {
  const std::string part = parent_of(parent_of(name)), base = base_of(name);
  return (part.empty() ? "" : part + "/") + "images/" + base.substr(0, base.size() - kLabelEnding.size());
}

std::optional<std::string> find_picture(const FileTree& tree, const std::string& stem) {
  for (const auto ending : kPictureEndings)
    if (auto stored = tree.find_loosely(stem + std::string(ending))) return stored;
  return std::nullopt;
}

}  // namespace

bool looks_like_affectnet(const FileTree& tree) {
  return std::any_of(tree.files().begin(), tree.files().end(),
                     [&](const auto& name) { return is_label_file(name) && find_picture(tree, picture_stem(name)); });
}

void remark_on_validation(Listing& listing, const std::string& where) {
  listing.findings.remark("AffectNet's validation pictures are the test part; --val-fraction creates a validation part",
                          where);
}

Listing read_affectnet(const FileTree& tree, const LabelOrder& order) {
  const LabelOrder own = order.is_empty() ? LabelOrder::named("affectnet") : order;
  Listing listing;
  listing.layout = "affectnet";
  listing.data_set = "AffectNet";
  listing.label_source = "annotations/*_exp.npy";
  listing.mapping = own.describe();
  set_own_classes(listing, face::kNumExpressions);
  for (const auto& name : tree.files()) {
    const bool is_other_value =
        std::any_of(kOtherValues.begin(), kOtherValues.end(), [&](auto ending) { return name.ends_with(ending); });
    if (is_other_value) listing.seen.insert(name);
    if (!is_label_file(name)) continue;
    listing.seen.insert(name);
    const std::string stem = picture_stem(name);
    const auto picture = find_picture(tree, stem);
    if (!picture) {
      listing.findings.defect("missing picture", fmt::format("{}: {}.jpg", name, stem));
      continue;
    }
    listing.seen.insert(*picture);
    std::string value;
    try {
      value = npy_value(tree.read(name), tree.describe(name));
    } catch (const Error& error) {
      listing.findings.defect("unreadable annotation", error.message());
      continue;
    }
    const auto label = own.label_of(value);
    if (label.kind == LabelOrder::Kind::unmapped)
      listing.findings.defect("unmapped label", fmt::format("{}: {}", name, quote(value)));
    if (label.kind == LabelOrder::Kind::not_a_class)
      listing.findings.remark("left out by the label order", fmt::format("{}: {}", name, value));
    if (label.kind != LabelOrder::Kind::expression) continue;
    const auto named = split_in_name(base_of(parent_of(parent_of(name))));
    const bool is_judged = named == pack::Split::valid || named == pack::Split::test;
    listing.has_splits = listing.has_splits || named.has_value();
    listing.items.push_back(
        {single_label(is_judged ? pack::Split::test : pack::Split::train, label.expression, *picture), {}, {}});
  }
  const auto counts = count_classes(listing);
  if (counts.contains(pack::Split::test)) remark_on_validation(listing, "val_set");
  return listing;
}

}  // namespace mien::dataset
