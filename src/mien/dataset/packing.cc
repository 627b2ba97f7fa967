// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/packing.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/base/version.h"
#include "mien/dataset/cutting.h"
#include "mien/dataset/parallel.h"

namespace mien::dataset {
namespace {

constexpr std::size_t kPackChunk = 512;  // pictures decoded before they are written

std::vector<std::string> choose_classes(const FileTree& tree, const Listing& listing,
                                        const std::vector<std::string>& wanted) {
  const auto classes = wanted.empty() ? class_names(listing) : wanted;
  check_input(classes.size() >= 2,
              fmt::format("{}: contains only one class ({}), but a pack needs at least two.", tree.root().string(),
                          join(classes, ", ")),
              "Set the classes with --classes, for example --classes 7.");
  return classes;
}

/// The pack's classes of a sample's boxes; false if one is not in the pack.
bool narrow_boxes(pack::Sample& sample, const std::vector<std::string>& classes) {
  if (!sample.boxes) return true;
  for (auto& box : *sample.boxes) {
    const std::string_view name = face::expression_names().at(static_cast<std::size_t>(box.label));
    const auto at = std::find(classes.begin(), classes.end(), name);
    if (at == classes.end()) return false;
    box.label = static_cast<int>(at - classes.begin());
  }
  return true;
}

/// From the eight canonical classes to those of the pack; nothing if the label, or that of a box, is not among them. A
/// picture with boxes needs no label.
std::optional<pack::Sample> narrowed(pack::Sample sample, const std::vector<std::string>& classes) {
  if (!narrow_boxes(sample, classes)) return std::nullopt;
  if (sample.label < 0 && sample.boxes) return sample;
  std::array<float, face::kNumExpressions> distribution{};
  int label = -1;
  float sum = 0;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const auto at = static_cast<std::size_t>(*face::expression_from(classes[k]));
    if (sample.label == static_cast<int>(at)) label = static_cast<int>(k);
    sum += distribution[k] = sample.distribution[at];
  }
  if (label < 0) return std::nullopt;
  for (float& p : distribution) p /= sum;  // the label's own share is above 0
  sample.label = label;
  sample.distribution = distribution;
  return sample;
}

pack::PackInfo describe(const Listing& listing, const PackOptions& options, std::vector<std::string> classes) {
  const bool has_crops = options.detector && !options.whole;
  pack::PackInfo info;
  info.width = options.whole ? options.whole->width : options.size;
  info.height = options.whole ? options.whole->height : options.size;
  if (options.whole) info.placement = pack::Placement::letterbox;
  if (options.whole && options.detector) info.box_origin = pack::Origin::estimate;
  info.channels = options.channels;
  info.classes = std::move(classes);
  info.data_set = listing.data_set;
  info.label_rule = listing.label_rule;
  info.licence = listing.licence;
  info.pictures_may_be_shown = listing.pictures_may_be_shown;
  info.provenance = {{"layout", listing.layout},
                     {"label_source", listing.label_source},
                     {"label_mapping", listing.mapping},
                     {"crop_rule", has_crops ? options.crop_rule.name : "whole picture"},
                     {"seed", options.seed},
                     {"crop", has_crops ? face::to_json(options.crop_rule) : Json()},
                     {"command", options.command},
                     {"findings", listing.findings.to_json()},
                     {"mien", mien::version()}};
  return info;
}

void refuse_defects(const Findings& findings, const FileTree& tree) {
  if (findings.num_defects() == 0) return;
  fail_input(fmt::format("{}: {}.", tree.root().string(), findings.first_defect()),
             "List all defects with 'mien data check'; --skip-defects leaves them out.");
}

void refuse_boxes_twice(const Listing& listing, const FileTree& tree) {
  const bool has_boxes =
      std::any_of(listing.items.begin(), listing.items.end(), [](const Item& i) { return i.sample.boxes.has_value(); });
  if (has_boxes)
    fail_usage(fmt::format("{}: the data set has boxes of its own.", tree.root().string()), "Remove --detect.");
}

}  // namespace

PackSummary write_pack(const FileTree& tree, const Listing& listing, const std::filesystem::path& path,
                       const PackOptions& options, const ProgressSink& progress, const CancelToken& cancel) {
  if (!options.skip_defects) refuse_defects(listing.findings, tree);
  if (options.whole && options.detector) refuse_boxes_twice(listing, tree);
  PackSummary summary;
  summary.findings = listing.findings;
  summary.classes = choose_classes(tree, listing, options.classes);
  pack::PackWriter writer(path, describe(listing, options, summary.classes));
  const auto threads = static_cast<std::size_t>(std::max(1, options.threads));
  std::vector<std::unique_ptr<image::FaceDetector>> detectors(threads);
  if (options.detector) std::generate(detectors.begin(), detectors.end(), options.detector);
  std::vector<std::unique_ptr<image::FaceMeshEstimator>> estimators(threads);
  if (options.estimator) std::generate(estimators.begin(), estimators.end(), options.estimator);
  std::vector<Cut> cuts;
  // In chunks: memory stays flat, and the order of the pack does not depend on the threads.
  for (std::size_t begin = 0; begin < listing.items.size(); begin += kPackChunk) {
    throw_if_cancelled(cancel);
    const std::size_t n = std::min(kPackChunk, listing.items.size() - begin);
    cuts.assign(n, {});
    parallel_for(n, options.threads, [&](std::size_t i, std::size_t thread) {
      cuts[i] = cut(tree, listing.items[begin + i], options, {detectors[thread].get(), estimators[thread].get()});
    });
    for (std::size_t i = 0; i < n; ++i) {
      const auto& sample = listing.items[begin + i].sample;
      const auto kept = narrowed(cuts[i].sample, summary.classes);
      if (!cuts[i].defect.empty())
        summary.findings.defect(cuts[i].defect_kind, cuts[i].defect);
      else if (cuts[i].pixels.empty())
        summary.findings.remark("no face found", sample.source);
      else if (!kept)
        summary.findings.remark("class not packed", sample.source);
      else {
        writer.add(*kept, {cuts[i].pixels.data, cuts[i].pixels.total() * cuts[i].pixels.elemSize()});
        ClassCounts& counts = summary.counts[kept->split];
        if (sample.label >= 0) ++counts[static_cast<std::size_t>(sample.label)];
        count_fields(cuts[i].sample, summary.fields[kept->split]);
        if (!cuts[i].is_estimated) summary.findings.remark("points and angles not estimated", sample.source);
      }
    }
    if (!options.skip_defects) refuse_defects(summary.findings, tree);
    if (progress)
      progress({"pack", static_cast<std::int64_t>(begin + n), static_cast<std::int64_t>(listing.items.size()), ""});
  }
  if (options.whole && options.detector)
    for (auto& [split, fields] : summary.fields) fields.detected_boxes = fields.known_boxes;
  summary.num_pictures = writer.size();
  check_input(summary.num_pictures > 0,
              fmt::format("{}: no picture was packed. {}", tree.root().string(), summary.findings.first_defect()),
              "Find the reason with 'mien data check'.");
  summary.hash = writer.commit();
  return summary;
}

}  // namespace mien::dataset
