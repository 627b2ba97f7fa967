// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/yolo.h"

#include <fmt/core.h>

#include <optional>

#include "mien/base/csv.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/box_listing.h"
#include "mien/dataset/class_folders.h"
#include "mien/dataset/picture_finder.h"

namespace mien::dataset {
namespace {

constexpr std::size_t kYoloHead = 4096;

/// Position of the last folder labels/ in a name, as a part of split(name, '/').
std::optional<std::size_t> labels_folder(const std::vector<std::string>& parts) {
  for (std::size_t i = parts.size(); i-- > 0;)
    if (i + 1 < parts.size() && folded(parts[i]) == "labels") return i;
  return std::nullopt;
}

bool is_label_file(const std::string& name) {
  return lower(name).ends_with(".txt") && !is_class_file(name) && labels_folder(split(name, '/'));
}

/// "labels/train/a.txt" → "images/train/a"; the extension is then searched for.
std::string picture_stem(const std::string& label_file) {
  auto parts = split(label_file, '/');
  parts[*labels_folder(parts)] = "images";
  parts.back().resize(parts.back().size() - 4);
  return join(parts, "/");
}

std::optional<pack::Split> split_of_folders(const std::string& name) {
  for (const auto& folder : split(parent_of(name), '/'))
    if (const auto part = split_of_word(folder)) return part;
  return std::nullopt;
}

std::optional<WrittenBox> box_of(std::string_view line) {
  std::vector<std::string> words;
  std::string spaced(line);
  for (char& c : spaced)
    if (c == '\t') c = ' ';
  for (auto& word : split(spaced, ' '))
    if (!word.empty()) words.push_back(std::move(word));
  if (words.size() != 5) return std::nullopt;
  float v[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const auto number = box_number(words[i + 1]);
    if (!number) return std::nullopt;
    v[i] = *number;
  }
  return WrittenBox{v[0] - v[2] / 2, v[1] - v[3] / 2, v[0] + v[2] / 2, v[1] + v[3] / 2, words[0]};
}

void read_file_of_labels(const FileTree& tree, const std::string& name, const PictureFinder& finder,
                         BoxListing& listing) {
  listing.listing().seen.insert(name);
  const auto split = split_of_folders(name);
  listing.listing().has_splits = listing.listing().has_splits || split;
  std::vector<WrittenBox> boxes;
  const auto lines = lines_of(to_utf8(tree.read(name)).text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (trim(lines[i]).empty()) continue;
    const auto box = box_of(trim(lines[i]));
    if (!box)
      return listing.findings().defect(
          "bad line", fmt::format("{} line {}: expected 'class x y width height', found {}", name, i + 1,
                                  quote(trim(lines[i]).substr(0, 60))));
    boxes.push_back(*box);
  }
  const std::string stem = picture_stem(name);
  const auto found = finder.find(stem, "");
  if (!found.source)
    return listing.findings().defect("missing picture", fmt::format("{}: no picture {}.*", name, stem));
  listing.add(name, *found.source, split.value_or(pack::Split::train), boxes, BoxUnit::fractions);
}

}  // namespace

bool looks_like_yolo(const FileTree& tree) {
  for (const auto& name : tree.files()) {
    if (!is_label_file(name)) continue;
    for (const auto& line : lines_of(tree.head(name, kYoloHead)))
      if (!trim(line).empty()) return box_of(trim(line)).has_value();
  }
  return false;
}

Listing read_yolo(const FileTree& tree, const LabelOrder& order) {
  const LabelOrder classes = order.is_empty() ? class_names_in(tree, "labels/x") : order;
  BoxListing listing("yolo", name_of(tree.root()), classes);
  listing.listing().label_source = "labels/*.txt";
  const PictureFinder finder(tree);
  std::size_t num_files = 0;
  for (const auto& name : tree.files()) {
    if (is_class_file(name)) listing.listing().seen.insert(name);
    if (!is_label_file(name)) continue;
    ++num_files;
    read_file_of_labels(tree, name, finder, listing);
  }
  check_input(num_files > 0, tree.root().string() + ": contains no labels/*.txt.",
              "See docs/data-sets.md for the layouts.");
  listing.findings().set_total("missing picture", num_files);
  return listing.take();
}

}  // namespace mien::dataset
