// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/check.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/box_listing.h"
#include "mien/dataset/decode.h"
#include "mien/dataset/parallel.h"

namespace mien::dataset {
namespace {

constexpr std::size_t kFirstPairs = 10;
constexpr int kSmall = 32;  ///< pixels; below, a face has too little detail for any network here

std::size_t total(const ClassCounts& counts) { return std::accumulate(counts.begin(), counts.end(), std::size_t{0}); }

using PictureOf = std::function<image::Image(std::size_t)>;

void remark_on_sizes(CheckReport& report, const Listing& listing, std::span<const Fingerprint> pictures) {
  for (const auto& p : pictures)
    if (p.width > 0) ++report.sizes[fmt::format("{}x{}", p.width, p.height)];
  const auto usual = std::max_element(report.sizes.begin(), report.sizes.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (pictures[i].width == 0) continue;
    const std::string size = fmt::format("{}x{}", pictures[i].width, pictures[i].height);
    const std::string detail = fmt::format("{} {}", listing.items[i].sample.source, size);
    // Another size is odd only if nearly all pictures have the same size.
    if (size != usual->first && 20 * usual->second >= 19 * pictures.size())
      report.findings.remark("odd size, usual is " + usual->first, detail);
    if (std::min(pictures[i].width, pictures[i].height) < kSmall)
      report.findings.remark("smaller than 32 pixels", detail);
  }
}

Json counts_json(const ClassCounts& counts) {
  Json out = Json::object();
  for (std::size_t k = 0; k < counts.size(); ++k) out[std::string(face::expression_names()[k])] = counts[k];
  return out;
}

Json pairs_json(const CheckReport& report, const Listing& listing) {
  Json out = Json::array();
  const auto& items = listing.items;
  std::vector<Pair> sorted = report.pairs;  // pairs across splits first: they matter most
  const auto is_across = [&](const Pair& p) { return items[p.first].sample.split != items[p.second].sample.split; };
  std::stable_partition(sorted.begin(), sorted.end(), is_across);
  for (const Pair& p : sorted) {
    const auto &a = items[p.first].sample, &b = items[p.second].sample;
    if (out.size() == kFirstPairs) break;
    out.push_back({{"likeness", to_string(p.likeness)},
                   {"first", a.source},
                   {"second", b.source},
                   {"splits", {to_string(a.split), to_string(b.split)}},
                   {"same_label", a.label == b.label}});
  }
  return out;
}

std::string counts_text(const CheckReport& report, const Listing& listing) {
  std::string out = fmt::format("{:<10}{:>9}", "split", "pictures");
  for (const auto name : face::expression_names()) out += fmt::format("{:>11}", name);
  out += "\n";
  const auto row = [](std::string_view name, std::size_t pictures, const ClassCounts& counts) {
    std::string line = fmt::format("{:<10}{:>9}", name, pictures);
    for (const auto n : counts) line += fmt::format("{:>11}", n);
    return line + "\n";
  };
  for (const auto& [split, counts] : report.counts) {
    out += row(to_string(split), report.fields.at(split).pictures, counts);
    const auto official = listing.official.find(split);
    if (official == listing.official.end()) continue;
    if (official->second == counts)
      out += "          = official\n";
    else
      out += row("  official", total(official->second), official->second);
  }
  return out;
}

/// "train: 12 boxes in 10 of 12 pictures, 2 of them without a face (neutral 4, happiness 8)"
std::string fields_text(const CheckReport& report) {
  std::string out;
  for (const auto& [split, fields] : report.fields) {
    if (!fields.has_any()) continue;
    out += fmt::format("{}:", to_string(split));
    if (fields.known_boxes > 0) {
      std::vector<std::string> classes;
      for (std::size_t k = 0; k < fields.boxes.size(); ++k)
        if (fields.boxes[k] > 0) classes.push_back(fmt::format("{} {}", face::expression_names()[k], fields.boxes[k]));
      out += fmt::format(" boxes known of {} pictures{}: {} ({}), {} pictures without a face;", fields.known_boxes,
                         fields.detected_boxes > 0 ? ", by a detector" : "", total(fields.boxes), join(classes, ", "),
                         fields.without_face);
    }
    out += fmt::format(" landmarks of {} ({} estimated), pose of {} ({} estimated)\n", fields.landmarks,
                       fields.estimated_landmarks, fields.poses, fields.estimated_poses);
  }
  return out;
}

/// From a class of a pack to its position among the eight; -1 if there is none.
int canonical_label(int label, const std::vector<std::string>& classes) {
  const auto expression = label < 0 ? std::nullopt : face::expression_from(classes[static_cast<std::size_t>(label)]);
  return expression ? static_cast<int>(*expression) : -1;
}

CheckReport check_pictures(const Listing& listing, const PictureOf& picture, int threads, const ProgressSink& progress,
                           const CancelToken& cancel) {
  CheckReport report;
  report.counts = count_classes(listing);
  report.findings = listing.findings;
  for (const Item& item : listing.items) count_fields(item.sample, report.fields[item.sample.split]);
  const auto& items = listing.items;
  std::vector<Fingerprint> pictures(items.size());
  std::vector<std::string> problems(items.size());
  constexpr std::size_t kChunk = 1024;
  for (std::size_t begin = 0; begin < items.size(); begin += kChunk) {
    throw_if_cancelled(cancel);
    const std::size_t n = std::min(kChunk, items.size() - begin);
    parallel_for(n, threads, [&](std::size_t i, std::size_t) {
      try {
        pictures[begin + i] = fingerprint(picture(begin + i));
      } catch (const Error& error) {
        problems[begin + i] = error.message();
      }
    });
    if (progress)
      progress({"check", static_cast<std::int64_t>(begin + n), static_cast<std::int64_t>(items.size()), ""});
  }
  for (const auto& problem : problems)
    if (!problem.empty()) report.findings.defect("unreadable picture", problem);
  for (std::size_t i = 0; i < items.size(); ++i)
    if (pictures[i].width > 0) check_boxes(items[i], pictures[i].width, pictures[i].height, report.findings);
  remark_on_sizes(report, listing, pictures);
  report.pairs = find_duplicates(pictures);
  std::vector<int> splits, labels;
  for (const Item& item : items) {
    splits.push_back(static_cast<int>(item.sample.split));
    labels.push_back(item.sample.label);
  }
  const auto first_similar = std::find_if(report.pairs.begin(), report.pairs.end(),
                                          [](const Pair& p) { return p.likeness != Likeness::exact; });
  report.exact = count_duplicates({report.pairs.begin(), first_similar}, splits, labels);
  report.all = count_duplicates(report.pairs, splits, labels);
  return report;
}

}  // namespace

CheckReport check_data_set(const DataSet& set, int threads, const ProgressSink& progress, const CancelToken& cancel) {
  std::vector<std::string> remarks(set.listing.items.size());  // each written by one thread
  const auto picture = [&](std::size_t i) {
    std::vector<std::string> notes;
    auto image = decode_picture(*set.tree, set.listing.items[i], &notes);
    if (!notes.empty()) remarks[i] = set.listing.items[i].sample.source + ": " + join(notes, "; ");
    return image;
  };
  auto report = check_pictures(set.listing, picture, threads, progress, cancel);
  for (const auto& remark : remarks)
    if (!remark.empty()) report.findings.remark("damaged or animated picture", remark);
  report.path = set.tree->root().string();
  return report;
}

CheckReport check_pack(const pack::Pack& pack, Listing& listing, int threads, const ProgressSink& progress,
                       const CancelToken& cancel) {
  listing.layout = "pack";
  listing.data_set = pack.info().data_set;
  listing.label_rule = pack.info().label_rule;
  listing.label_source = pack.info().provenance.value("label_source", std::string("not stated"));
  for (const auto& name : pack.info().classes)
    if (const auto expression = face::expression_from(name))
      listing.classes[static_cast<std::size_t>(*expression)] = true;
  for (std::size_t i = 0; i < pack.size(); ++i) {
    Item item;
    item.sample = pack.sample(i);
    item.sample.label = canonical_label(item.sample.label, pack.info().classes);
    if (item.sample.boxes)
      for (auto& box : *item.sample.boxes) box.label = canonical_label(box.label, pack.info().classes);
    listing.items.push_back(std::move(item));
  }
  const auto picture = [&](std::size_t i) {
    const auto& info = pack.info();
    const cv::Mat stored(info.height, info.width, info.channels == 1 ? CV_8UC1 : CV_8UC3,
                         const_cast<std::uint8_t*>(pack.pixels(i).data()));
    image::Image image;
    cv::cvtColor(stored, image, info.channels == 1 ? cv::COLOR_GRAY2BGR : cv::COLOR_RGB2BGR);
    return image;
  };
  auto report = check_pictures(listing, picture, threads, progress, cancel);
  if (pack.info().box_origin == pack::Origin::estimate)
    for (auto& [split, fields] : report.fields) fields.detected_boxes = fields.known_boxes;
  report.path = pack.path().string();
  return report;
}

Json to_json(const CheckReport& report, const Listing& listing) {
  Json splits = Json::object();
  for (const auto& [split, counts] : report.counts) {
    const FieldCounts& fields = report.fields.at(split);
    Json entry = {{"samples", fields.pictures}, {"classes", counts_json(counts)}, {"fields", to_json(fields)}};
    if (const auto official = listing.official.find(split); official != listing.official.end())
      entry["official"] = counts_json(official->second);
    splits[std::string(to_string(split))] = std::move(entry);
  }
  Json duplicates = {
      {"within", report.all.within},
      {"across", report.all.across},
      {"exact", {{"within", report.exact.within}, {"across", report.exact.across}}},
      {"similar",
       {{"within", report.all.within - report.exact.within}, {"across", report.all.across - report.exact.across}}},
      {"label_conflicts", report.all.label_conflicts},
      {"first", pairs_json(report, listing)}};
  return {{"path", report.path},
          {"layout", listing.layout},
          {"data_set", listing.data_set},
          {"label_rule", listing.label_rule},
          {"label_source", listing.label_source},
          {"label_mapping", listing.mapping},
          {"classes", class_names(listing)},
          {"splits", splits},
          {"sizes", report.sizes},
          {"duplicates", duplicates},
          {"defects", report.findings.to_json()}};
}

std::string to_text(const CheckReport& report, const Listing& listing) {
  std::string out = fmt::format("{}: {}, layout {}, labels from {} by rule {}\n", report.path, listing.data_set,
                                listing.layout, listing.label_source, listing.label_rule);
  if (!listing.mapping.empty()) out += fmt::format("labels: {}\n", join(listing.mapping, ", "));
  out += fmt::format("classes: {}\n", join(class_names(listing), ", "));
  out += counts_text(report, listing);
  out += fields_text(report);
  out += fmt::format(
      "duplicates: {} exact within a split, {} exact across splits; {} similar within, {} similar across; {} groups "
      "with "
      "different labels\n",
      report.exact.within, report.exact.across, report.all.within - report.exact.within,
      report.all.across - report.exact.across, report.all.label_conflicts);
  for (const auto& pair : pairs_json(report, listing))
    out += fmt::format("  {}: {} = {}{}\n", pair["likeness"].get<std::string>(), pair["first"].get<std::string>(),
                       pair["second"].get<std::string>(), pair["same_label"].get<bool>() ? "" : " (labels differ)");
  for (const auto& entry : report.findings.to_json()) {
    const std::string of = entry.contains("of") ? fmt::format(" of {}", entry["of"].get<std::size_t>()) : "";
    out +=
        fmt::format("{}: {}: {}{} ({})\n", entry["severity"].get<std::string>(), entry["kind"].get<std::string>(),
                    entry["count"].get<std::size_t>(), of, join(entry["first"].get<std::vector<std::string>>(), ", "));
  }
  return out;
}

}  // namespace mien::dataset
