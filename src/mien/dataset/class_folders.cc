// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/class_folders.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <set>

#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/image/image.h"

namespace mien::dataset {
namespace {

using Kind = LabelOrder::Kind;

/// The usual folder form of FER2013 puts both of its test parts into one.
void remark_on_fer2013(Listing& listing) {
  const auto counts = count_classes(listing);
  const auto test = counts.find(pack::Split::test);
  if (test != counts.end() && std::accumulate(test->second.begin(), test->second.end(), std::size_t{0}) == 7178)
    listing.findings.remark(
        "test part looks like FER2013's PublicTest and PrivateTest combined: figures on it are not comparable",
        "7178 pictures");
}

}  // namespace

std::optional<pack::Split> split_of_word(std::string_view word) {
  const std::string folded = lower(trim(word));
  if (folded == "dev" || folded == "publictest") return pack::Split::valid;
  if (folded == "privatetest") return pack::Split::test;
  return pack::split_from(folded);
}

std::optional<pack::Split> split_in_name(std::string_view name) {
  std::string word;
  std::optional<pack::Split> found;
  for (const char c : std::string(name) + " ") {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      word += c;
      continue;
    }
    if (!found && !word.empty()) found = split_of_word(word);
    word.clear();
  }
  return found;
}

bool is_raf_name(std::string_view name) {
  constexpr std::array<std::string_view, 2> kPrefixes = {"train_", "test_"};
  const std::string base = lower(base_of(name));
  for (const auto prefix : kPrefixes) {
    if (!base.starts_with(prefix)) continue;
    const auto end = std::min(base.find_first_not_of("0123456789", prefix.size()), base.size());
    const auto digits = end - prefix.size();
    return digits >= 4 && digits <= 5 && base.compare(end, 9, "_aligned.") == 0;
  }
  return false;
}

bool looks_like_raf(const FileTree& tree) {
  // As usually shared: DATASET/train/1 to 7 with train_labels.csv and test_labels.csv, or only the aligned pictures.
  std::set<std::string> numbers;
  for (const auto& folder : tree.folders())
    if (lower(base_of(parent_of(folder))) == "train") numbers.insert(base_of(folder));
  const bool has_numbers = numbers == std::set<std::string>{"1", "2", "3", "4", "5", "6", "7"};
  const auto has_file = [&](std::string_view wanted) {
    return std::any_of(tree.files().begin(), tree.files().end(),
                       [&](const auto& name) { return lower(base_of(name)) == wanted; });
  };
  if (has_numbers && has_file("train_labels.csv") && has_file("test_labels.csv")) return true;
  return std::any_of(tree.files().begin(), tree.files().end(), [](const auto& name) {
    return LabelOrder::is_number(base_of(parent_of(name))) && is_raf_name(name);
  });
}

LabelOrder order_for(const FileTree& tree, const LabelOrder& order) {
  return order.is_empty() && looks_like_raf(tree) ? LabelOrder::named("raf") : order;
}

bool looks_like_class_folders(const FileTree& tree, const LabelOrder& order) {
  const LabelOrder own = order_for(tree, order);
  return std::any_of(tree.files().begin(), tree.files().end(), [&](const std::string& name) {
    return own.label_of(base_of(parent_of(name))).kind == Kind::expression && tree.is_picture(name);
  });
}

namespace {

class FolderReader {
 public:
  FolderReader(const FileTree& tree, const LabelOrder& order) : tree_(tree), order_(order_for(tree, order)) {}

  Listing read() {
    listing_.layout = "folders";
    listing_.data_set = name_of(tree_.root());
    listing_.label_source = "folder names";
    if (looks_like_raf(tree_)) {
      listing_.data_set = "RAF-DB";
      set_own_classes(listing_, 7);
    }
    for (const auto& name : tree_.files()) add(name);
    for (const auto& folder : tree_.folders()) add_class(folder);
    add_classes_that_occur(listing_);
    listing_.mapping.assign(mapping_.begin(), mapping_.end());
    listing_.has_splits = num_with_split_ > 0;
    if (listing_.has_splits && num_with_split_ < listing_.items.size())
      listing_.findings.remark("picture outside the split folders, taken as train",
                               fmt::format("{} pictures", listing_.items.size() - num_with_split_));
    remark_on_fer2013(listing_);
    return std::move(listing_);
  }

 private:
  void add(const std::string& name) {
    const std::string folder = parent_of(name);
    const auto label = order_.label_of(base_of(folder));
    const auto content = tree_.kind_of(name).content;
    if (content == image::Content::foreign_picture && label.kind == Kind::expression) {
      listing_.seen.insert(name);
      return listing_.findings.defect("picture of a kind that is not read",
                                      fmt::format("{}: {}", name, tree_.kind_of(name).words));
    }
    if (content != image::Content::picture) return;
    listing_.seen.insert(name);
    if (label.kind == Kind::not_a_class) listing_.findings.remark("left out by the label order", name);
    if (label.kind == Kind::unmapped) listing_.findings.defect("folder names no expression", name);
    if (label.kind != Kind::expression) return;
    const auto split = split_of_word(base_of(parent_of(folder)));
    num_with_split_ += split.has_value();
    mapping_.insert(fmt::format("{} → {}", base_of(folder), face::to_string(label.expression)));
    listing_.items.push_back({single_label(split.value_or(pack::Split::train), label.expression, name), {}, {}});
  }

  /// An empty folder names a class of the data set too.
  void add_class(const std::string& folder) {
    const auto label = order_.label_of(base_of(folder));
    if (label.kind != Kind::expression) return;
    listing_.classes[static_cast<std::size_t>(label.expression)] = true;
    mapping_.insert(fmt::format("{} → {}", base_of(folder), face::to_string(label.expression)));
  }

  const FileTree& tree_;
  LabelOrder order_;
  Listing listing_;
  std::set<std::string> mapping_;
  std::size_t num_with_split_ = 0;
};

}  // namespace

std::string name_of(const std::filesystem::path& path) {
  const auto whole = whole_path(path);
  const std::string stem = (whole.has_filename() ? whole : whole.parent_path()).stem().string();
  return stem.empty() ? "data" : stem;
}

Listing read_class_folders(const FileTree& tree, const LabelOrder& order) { return FolderReader(tree, order).read(); }

}  // namespace mien::dataset
