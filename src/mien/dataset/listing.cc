// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/listing.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/text.h"

namespace mien::dataset {

void Findings::add(std::string_view kind, bool is_defect, const std::string& detail) {
  auto it = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.kind == kind; });
  if (it == entries_.end()) it = entries_.insert(entries_.end(), Entry{std::string(kind), is_defect, 0, 0, {}});
  ++it->count;
  if (it->first.size() < kFirst) it->first.push_back(detail);
}

void Findings::set_total(std::string_view kind, std::size_t of) {
  for (Entry& e : entries_)
    if (e.kind == kind) e.of = of;
}

std::size_t Findings::num_defects() const {
  std::size_t n = 0;
  for (const Entry& e : entries_) n += e.is_defect ? e.count : 0;
  return n;
}

std::size_t Findings::count(std::string_view kind) const {
  const auto it = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.kind == kind; });
  return it == entries_.end() ? 0 : it->count;
}

std::string Findings::first_defect() const {
  const auto it = std::find_if(entries_.begin(), entries_.end(), [](const Entry& e) { return e.is_defect; });
  if (it == entries_.end()) return {};
  return fmt::format("{}: {}{} ({}{})", it->kind, it->count, it->of ? fmt::format(" of {}", it->of) : std::string(),
                     join(it->first, ", "), it->count > it->first.size() ? ", …" : "");
}

Json Findings::to_json() const {
  Json out = Json::array();
  for (const bool defects : {true, false})
    for (const Entry& e : entries_)
      if (e.is_defect == defects) {
        Json entry = {{"kind", e.kind}, {"severity", defects ? "defect" : "remark"}, {"count", e.count}};
        if (e.of) entry["of"] = e.of;
        entry["first"] = e.first;
        out.push_back(std::move(entry));
      }
  return out;
}

pack::Sample single_label(pack::Split split, face::Expression label, std::string source) {
  pack::Sample s;
  s.split = split;
  s.label = static_cast<int>(label);
  s.distribution[static_cast<std::size_t>(label)] = 1;
  s.source = std::move(source);
  return s;
}

void set_own_classes(Listing& listing, std::size_t count) { std::fill_n(listing.classes.begin(), count, true); }

namespace {

void add_classes_of_boxes(const Listing& listing, std::array<bool, face::kNumExpressions>& classes) {
  for (const Item& item : listing.items) {
    if (!item.sample.boxes) continue;
    for (const auto& box : *item.sample.boxes)
      if (box.label >= 0) classes[static_cast<std::size_t>(box.label)] = true;
  }
}

}  // namespace

void add_classes_that_occur(Listing& listing) {
  for (const Item& item : listing.items)
    for (std::size_t k = 0; k < listing.classes.size(); ++k)
      listing.classes[k] =
          listing.classes[k] || item.sample.label == static_cast<int>(k) || item.sample.distribution[k] > 0;
  add_classes_of_boxes(listing, listing.classes);
}

std::vector<std::string> class_names(const Listing& listing) {
  auto classes = listing.classes;
  add_classes_of_boxes(listing, classes);
  std::vector<std::string> names;
  for (std::size_t k = 0; k < classes.size(); ++k)
    if (classes[k]) names.emplace_back(face::expression_names()[k]);
  return names;
}

std::map<pack::Split, ClassCounts> count_classes(const Listing& listing) {
  std::map<pack::Split, ClassCounts> out;
  for (const Item& item : listing.items) {
    ClassCounts& counts = out[item.sample.split];
    if (item.sample.label >= 0) ++counts[static_cast<std::size_t>(item.sample.label)];
  }
  return out;
}

void count_fields(const pack::Sample& sample, FieldCounts& counts) {
  const auto is_estimate = [](const std::optional<pack::Angle>& angle) {
    return angle && angle->origin == pack::Origin::estimate;
  };
  ++counts.pictures;
  if (!sample.landmarks.empty()) {
    ++counts.landmarks;
    if (sample.landmark_origin == pack::Origin::estimate) ++counts.estimated_landmarks;
  }
  if (pack::has(sample, pack::Field::pose)) {
    ++counts.poses;
    if (is_estimate(sample.yaw) || is_estimate(sample.pitch)) ++counts.estimated_poses;
  }
  if (!sample.boxes) return;
  ++counts.known_boxes;
  if (sample.boxes->empty()) ++counts.without_face;
  for (const auto& box : *sample.boxes) ++counts.boxes[static_cast<std::size_t>(box.label)];
}

Json to_json(const FieldCounts& counts) {
  Json classes = Json::object();
  std::size_t boxes = 0;
  for (std::size_t k = 0; k < counts.boxes.size(); ++k) {
    classes[std::string(face::expression_names()[k])] = counts.boxes[k];
    boxes += counts.boxes[k];
  }
  return {{"boxes",
           {{"pictures", counts.known_boxes},
            {"detected", counts.detected_boxes},
            {"without_face", counts.without_face},
            {"boxes", boxes},
            {"classes", classes}}},
          {"landmarks", {{"pictures", counts.landmarks}, {"estimated", counts.estimated_landmarks}}},
          {"pose", {{"pictures", counts.poses}, {"estimated", counts.estimated_poses}}}};
}

}  // namespace mien::dataset
