// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/box_listing.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/csv.h"
#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::dataset {
namespace {

constexpr std::size_t kManyBoxes = 100;  // the most that a detector reports for a picture
constexpr float kExtremeShape = 8;       // ratio of the longer side to the shorter one
constexpr float kLargestNumber = 1e6f;   // pixels

/// names: [a, b], or one name per line after "names:", as "- a" or "0: a".
std::string names_of_yaml(const std::string& content) {
  std::string names;
  bool is_inside = false;
  for (const auto& line : lines_of(content)) {
    std::string_view words = trim(std::string_view(line).substr(0, line.find('#')));
    const bool is_top = !line.empty() && line.front() != ' ' && line.front() != '-';
    if (is_top && !words.empty()) is_inside = words.starts_with("names:");
    if (!is_inside) continue;
    if (words.starts_with("names:")) words = trim(words.substr(6));
    if (words.starts_with("- ")) words = trim(words.substr(2));
    std::string plain;
    for (const char c : words)
      if (c != '[' && c != ']' && c != '\'' && c != '"' && c != '{' && c != '}') plain += c;
    for (const auto& name : split(plain, ',')) names += std::string(trim(name)) + "\n";
  }
  return names;
}

bool is_yaml(std::string_view name) { return lower(name).ends_with(".yaml") || lower(name).ends_with(".yml"); }

/// Number of leading folders that both names share.
std::size_t shared_folders(const std::string& a, const std::string& b) {
  const auto first = split(a, '/'), second = split(b, '/');
  std::size_t n = 0;
  while (n + 1 < first.size() && n + 1 < second.size() && first[n] == second[n]) ++n;
  return n;
}

}  // namespace

std::optional<float> box_number(std::string_view word) {
  const auto number = parse_double(word);
  if (!number || !(std::abs(*number) < kLargestNumber)) return std::nullopt;
  return static_cast<float>(*number);
}

BoxListing::BoxListing(std::string layout, std::string data_set, LabelOrder order) : order_(std::move(order)) {
  listing_.layout = std::move(layout);
  listing_.data_set = std::move(data_set);
  listing_.label_rule = "boxes";
  listing_.mapping = order_.describe();
}

std::optional<int> BoxListing::class_of(const std::string& where, const WrittenBox& box, std::size_t number) {
  const auto known = order_.label_of(box.label);
  if (known.kind == LabelOrder::Kind::expression) return static_cast<int>(known.expression);
  const std::string detail = fmt::format("{}: box {}, {}", where, number, quote(box.label));
  if (known.kind == LabelOrder::Kind::not_a_class) {
    findings().remark("left out by the label order", detail);
    return std::nullopt;
  }
  const bool needs_order = LabelOrder::is_number(box.label) && order_.is_empty();
  findings().defect(fmt::format("box {}", to_string(face::BoxDefect::bad_class)),
                    detail + (needs_order ? " (numbers need classes.txt or --label-order)" : ""));
  return std::nullopt;
}

bool BoxListing::is_sound(const std::string& where, const face::LabelledBox& box, std::size_t number, BoxUnit unit) {
  // Boxes in pixels are checked when the picture is decoded.
  const float side = unit == BoxUnit::fractions ? 1 : 2 * kLargestNumber;
  const auto defect = face::defect_of(box, side, side, face::kNumExpressions);
  const bool may_be_seen_later = defect == face::BoxDefect::beyond || defect == face::BoxDefect::outside;
  if (defect == face::BoxDefect::none || may_be_seen_later) return true;
  findings().defect(fmt::format("box {}", to_string(defect)), fmt::format("{}: box {}", where, number));
  return false;
}

void BoxListing::add(const std::string& where, const std::string& source, pack::Split split,
                     const std::vector<WrittenBox>& boxes, BoxUnit unit) {
  Item item;
  item.sample.split = split;
  item.sample.source = source;
  item.sample.boxes.emplace();
  item.boxes_are_fractions = unit == BoxUnit::fractions;
  listing_.seen.insert(source);
  bool is_good = true;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const WrittenBox& box = boxes[i];
    const auto label = class_of(where, box, i + 1);
    const face::LabelledBox labelled{{box.left, box.top, box.right - box.left, box.bottom - box.top},
                                     label.value_or(0)};
    is_good = is_sound(where, labelled, i + 1, unit) && label && is_good;
    item.sample.boxes->push_back(labelled);
  }
  if (!is_good) return;
  if (!sources_.insert(source).second) return findings().remark("repeated entry", where + ": " + source);
  listing_.items.push_back(std::move(item));
}

Listing BoxListing::take() {
  add_classes_that_occur(listing_);
  return std::move(listing_);
}

std::vector<face::LabelledBox> boxes_in(const Item& item, int width, int height) {
  std::vector<face::LabelledBox> boxes = item.sample.boxes.value_or(std::vector<face::LabelledBox>());
  if (!item.boxes_are_fractions) return boxes;
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  for (auto& labelled : boxes) {
    face::Box& box = labelled.box;
    box = {box.x * w, box.y * h, box.width * w, box.height * h};
  }
  return boxes;
}

void check_boxes(const Item& item, int width, int height, Findings& findings) {
  const auto boxes = boxes_in(item, width, height);
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const face::Box& box = boxes[i].box;
    const std::string detail = fmt::format("{}: box {}", item.sample.source, i + 1);
    const auto defect = face::defect_of({box, 0}, w, h, 1);
    if (defect == face::BoxDefect::beyond)
      findings.remark(fmt::format("box {}; packing clips it", to_string(defect)), detail);
    else if (defect != face::BoxDefect::none)
      findings.defect(fmt::format("box {}", to_string(defect)), detail);
    const float longer = std::max(box.width, box.height), shorter = std::min(box.width, box.height);
    if (shorter > 0 && longer > kExtremeShape * shorter)
      findings.remark("box of extreme shape", fmt::format("{} is {:g}x{:g}", detail, box.width, box.height));
  }
  if (boxes.size() > kManyBoxes)
    findings.remark(fmt::format("more than {} boxes, and a detector reports at most {}", kManyBoxes, kManyBoxes),
                    fmt::format("{}: {}", item.sample.source, boxes.size()));
}

bool is_class_file(std::string_view name) {
  const std::string base = lower(base_of(name));
  return base.ends_with("classes.txt") || base.ends_with("names.txt") || base.ends_with(".names") || is_yaml(base);
}

LabelOrder class_names_in(const FileTree& tree, const std::string& near) {
  std::vector<std::string> nearest;
  std::size_t most = 0;
  for (const auto& name : tree.files()) {
    if (!is_class_file(name)) continue;
    if (is_yaml(name) && names_of_yaml(tree.read(name)).empty()) continue;
    const std::size_t shared = shared_folders(name, near);
    if (nearest.empty() || shared > most) {
      nearest.clear();
      most = shared;
    }
    if (shared == most) nearest.push_back(name);
  }
  if (nearest.empty()) return {};
  if (nearest.size() > 1)
    fail_usage(fmt::format("{}: several files contain class names: {}.", tree.root().string(), join(nearest, ", ")),
               "Select the correct one with --label-order.");
  const std::string content = to_utf8(tree.read(nearest.front())).text;
  return LabelOrder::of_names(is_yaml(nearest.front()) ? names_of_yaml(content) : content,
                              tree.describe(nearest.front()));
}

}  // namespace mien::dataset
