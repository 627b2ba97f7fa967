// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/face_boxes.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "mien/base/csv.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/box_listing.h"
#include "mien/dataset/picture_finder.h"

namespace mien::dataset {
namespace {

constexpr std::string_view kPictureFolder = "Image/original/", kBoxFolder = "Annotation/boundingbox/";

void check_raf_folders(const FileTree& tree, const std::string& list) {
  for (const auto folder : {kPictureFolder, kBoxFolder}) {
    const bool is_there = std::any_of(tree.files().begin(), tree.files().end(),
                                      [&](const auto& name) { return name.find(folder) != std::string::npos; });
    check_input(
        is_there, fmt::format("{}: RAF-DB's list without {}.", tree.describe(list), folder),
        "Unpack original.zip and boundingbox.zip, so that Image/, Annotation/ and EmoLabel/ are in the same folder.");
  }
}

/// "x_min y_min x_max y_max"
std::optional<WrittenBox> raf_box(const std::string& content, const std::string& label) {
  std::vector<float> v;
  for (const auto& line : lines_of(content))
    for (const auto& word : split(std::string(trim(line)), ' ')) {
      if (word.empty()) continue;
      const auto number = box_number(word);
      if (!number) return std::nullopt;
      v.push_back(*number);
    }
  if (v.size() != 4) return std::nullopt;
  return WrittenBox{v[0], v[1], v[2], v[3], label};
}

}  // namespace

Listing read_raf_boxes(const FileTree& tree, const std::string& list, const LabelOrder& order) {
  check_raf_folders(tree, list);
  BoxListing boxes("boxes", "RAF-DB", order.is_empty() ? LabelOrder::named("raf") : order);
  boxes.listing().has_splits = true;
  boxes.listing().label_source = list;
  boxes.listing().seen.insert(list);
  set_own_classes(boxes.listing(), 7);
  const PictureFinder finder(tree);
  const auto lines = lines_of(to_utf8(tree.read(list)).text);
  std::size_t num_lines = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string line(trim(lines[i]));
    if (line.empty()) continue;
    ++num_lines;
    const std::string where = fmt::format("{} line {}", list, i + 1);
    const auto gap = line.find_last_of(" \t"), dot = line.rfind('.');
    if (gap == std::string::npos || dot == std::string::npos || dot > gap) {
      boxes.findings().defect("bad line",
                              fmt::format("{}: expected 'picture label', found {}", where, quote(line.substr(0, 60))));
      continue;
    }
    const std::string picture(trim(line.substr(0, gap))), stem = line.substr(0, dot);
    const auto found = finder.find(fmt::format("{}{}", kPictureFolder, picture), list);
    const auto box_file = finder.find(fmt::format("{}{}_boundingbox.txt", kBoxFolder, stem), list);
    if (box_file.source) boxes.listing().seen.insert(*box_file.source);
    const auto box = box_file.source ? raf_box(tree.read(*box_file.source), line.substr(gap + 1)) : std::nullopt;
    if (!found.source)
      boxes.findings().defect("missing picture", fmt::format("{}: {}{}", where, kPictureFolder, picture));
    else if (!box)
      boxes.findings().defect("missing box", fmt::format("{}: {}{}_boundingbox.txt{}", where, kBoxFolder, stem,
                                                         box_file.source ? " does not contain four numbers" : ""));
    else
      boxes.add(where, *found.source, picture.starts_with("test_") ? pack::Split::test : pack::Split::train, {*box},
                BoxUnit::pixels);
  }
  boxes.findings().set_total("missing picture", num_lines);
  return boxes.take();
}

Listing boxes_of_faces(Listing faces) {
  Listing out = std::move(faces);
  const std::vector<Item> rows = std::move(out.items);
  out.items.clear();
  out.layout = "boxes";
  out.label_rule = "boxes";
  std::map<std::string, std::size_t> position;
  std::set<std::string> incomplete;  // a face without its box would be learned as background
  for (const Item& row : rows) {
    const std::string& source = row.sample.source;
    if (!row.box || !row.inline_pixels.empty()) {
      out.findings.defect("missing box", source);
      incomplete.insert(source);
      continue;
    }
    const auto [at, is_new] = position.try_emplace(source, out.items.size());
    if (is_new) {
      Item item;
      item.sample.split = row.sample.split;
      item.sample.source = source;
      item.sample.subject = row.sample.subject;
      item.sample.boxes.emplace();
      out.items.push_back(std::move(item));
    }
    out.items[at->second].sample.boxes->push_back({*row.box, row.sample.label});
  }
  std::erase_if(out.items, [&](const Item& item) { return incomplete.contains(item.sample.source); });
  return out;
}

}  // namespace mien::dataset
