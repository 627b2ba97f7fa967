// SPDX-License-Identifier: Apache-2.0
#include "mien/score/detection.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/face/box_decoding.h"
#include "mien/face/letterbox.h"
#include "mien/score/predictions.h"

namespace mien::score {
namespace {

constexpr std::size_t kCurvePoints = 200;

/// From packed pixels to those of the original picture, if it is known.
void to_original(DetectedPicture& picture, const pack::Sample& sample, const pack::PackInfo& info) {
  if (info.placement != pack::Placement::letterbox || !sample.original) return;
  const face::Letterbox letterbox{sample.original->width, sample.original->height, info.width, info.height};
  for (auto& t : picture.truth) t.box = letterbox.to_picture(t.box);
  for (auto& f : picture.found) f.box = letterbox.to_picture(f.box);
}

DetectedPicture picture_of(const pack::Pack& pack, std::uint32_t index, std::vector<face::ScoredBox> found,
                           const std::vector<std::size_t>& column_to_class) {
  const pack::Sample& sample = pack.sample(index);
  check_input(sample.boxes.has_value(),
              fmt::format("{}: {} has no boxes, which the evaluation of a detector needs.", pack.path().string(),
                          sample.source),
              "Pack a data set with boxes: mien data pack LIST -o FILE.pack --whole 320x320");
  DetectedPicture picture{*sample.boxes, std::move(found)};
  for (auto& f : picture.found) {
    const bool is_good = std::isfinite(f.box.x) && std::isfinite(f.box.y) && std::isfinite(f.box.width) &&
                         std::isfinite(f.box.height) && std::isfinite(f.score) && f.label >= 0 &&
                         static_cast<std::size_t>(f.label) < column_to_class.size();
    check_input(is_good, "The model returned a box that is not finite or has no class.",
                "Its weights may be damaged, or its training may have diverged.");
    f.label = static_cast<int>(column_to_class[static_cast<std::size_t>(f.label)]);
  }
  to_original(picture, sample, pack.info());
  return picture;
}

/// The class with the most boxes in one part; -1 without any box.
int commonest_class(const pack::Pack& pack, pack::Split split) {
  std::vector<std::int64_t> counts(pack.info().classes.size());
  for (const auto index : pack.indices(split))
    if (const auto& boxes = pack.sample(index).boxes)
      for (const auto& box : *boxes) ++counts[static_cast<std::size_t>(box.label)];
  const auto most = std::max_element(counts.begin(), counts.end());
  return most == counts.end() || *most == 0 ? -1 : static_cast<int>(most - counts.begin());
}

/// Scores if every detected box has the class `label`; `truth_too`: and every face as well.
DetectionScores scores_with_one_class(std::vector<DetectedPicture> pictures, int label, bool truth_too,
                                      std::size_t num_classes) {
  for (auto& picture : pictures) {
    for (auto& found : picture.found) found.label = label;
    picture.found = face::suppress_by_class(std::move(picture.found), face::kMaxIouOfJudging);
    for (auto& truth : picture.truth)
      if (truth_too) truth.label = label;
  }
  return score_detections(pictures, num_classes);
}

DetectionBaselines baselines_of(const std::vector<DetectedPicture>& pictures, const pack::Pack& pack,
                                pack::Split split) {
  const std::size_t num_classes = pack.info().classes.size();
  DetectionBaselines out;
  DetectionScores any_class = scores_with_one_class(pictures, 0, /*truth_too=*/true, num_classes);
  out.any_class50 = any_class.voc_map50;
  out.any_class = std::move(any_class.classes.front().curve);
  out.commonest = commonest_class(pack, pack::Split::train);
  if (out.commonest < 0) out.commonest = commonest_class(pack, split);
  if (out.commonest >= 0)
    out.commonest_map50 = scores_with_one_class(pictures, out.commonest, /*truth_too=*/false, num_classes).voc_map50;
  return out;
}

Json number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

/// {class: figure}
Json by_class(const DetectionEvaluation& e, std::optional<double> ClassPrecision::*figure) {
  Json json = Json::object();
  for (std::size_t c = 0; c < e.classes.size(); ++c) json[e.classes[c]] = number(e.scores.classes[c].*figure);
  return json;
}

std::string percent(const std::optional<double>& share) { return share ? fixed(100 * *share, 1) : "-"; }

}  // namespace

FacesFound best_limit(const std::vector<PrecisionPoint>& curve) {
  FacesFound best;
  for (const PrecisionPoint& point : curve) {
    const FacesFound found{point.score, point.precision, point.recall};
    if (found.f1() > best.f1()) best = found;
  }
  return best;
}

FacesFound faces_found(const std::vector<PrecisionPoint>& curve, double score) {
  FacesFound found{score};
  for (const PrecisionPoint& point : curve)
    if (point.score >= score) found.precision = point.precision, found.recall = point.recall;
  return found;
}

DetectionEvaluation evaluate_boxes(const BoxPredictor& predictor, const std::vector<std::string>& predictor_classes,
                                   const pack::Pack& pack, pack::Split split, const DetectionOptions& options) {
  const auto indices = pack.indices(split);
  check_input(!indices.empty(), fmt::format("{}: the {} part is empty.", pack.path().string(), to_string(split)),
              "Choose another --split.");
  const auto column_to_class = match_classes(predictor_classes, pack.info().classes);
  std::vector<DetectedPicture> pictures;
  for (std::size_t begin = 0; begin < indices.size(); begin += options.batch_size) {
    const auto batch = std::span(indices).subspan(begin, std::min(options.batch_size, indices.size() - begin));
    auto found = predictor(batch);
    check_input(found.size() == batch.size(), "The predictor returned boxes for another number of pictures.");
    for (std::size_t i = 0; i < batch.size(); ++i)
      pictures.push_back(picture_of(pack, batch[i], std::move(found[i]), column_to_class));
    if (options.progress)
      options.progress(
          {"evaluate", static_cast<std::int64_t>(pictures.size()), static_cast<std::int64_t>(indices.size()), ""});
  }
  DetectionEvaluation out{pack.info().classes, score_detections(pictures, pack.info().classes.size())};
  if (options.with_baselines) out.baselines = baselines_of(pictures, pack, split);
  return out;
}

Json report_json(const DetectionEvaluation& e, const Facts& facts) {
  const DetectionScores& s = e.scores;
  Json json = {{"model", facts.model},
               {"data", facts.data},
               {"split", facts.split},
               {"label_rule", facts.label_rule},
               {"samples", s.pictures},
               {"boxes", {{"truth", s.truths}, {"found", s.found}}},
               {"classes", e.classes},
               {"map50", s.voc_map50},
               {"ap50", by_class(e, &ClassPrecision::voc50)},
               {"coco_map50", s.coco_map50},
               {"map50_95", s.coco_map},
               {"ap50_95", by_class(e, &ClassPrecision::coco)},
               {"precision", by_class(e, &ClassPrecision::precision)},
               {"recall", by_class(e, &ClassPrecision::recall)},
               {"f1", by_class(e, &ClassPrecision::f1)},
               {"command", facts.command},
               {"seed", facts.seed}};
  if (const auto& b = e.baselines) {
    json["any_class50"] = b->any_class50;
    if (b->commonest >= 0)
      json["commonest"] = {{"class", e.classes[static_cast<std::size_t>(b->commonest)]}, {"map50", b->commonest_map50}};
  }
  return json;
}

std::string report_text(const DetectionEvaluation& e, const Facts& facts) {
  const DetectionScores& s = e.scores;
  std::string out = fmt::format(
      "{} on {}, {}, {} pictures, {} faces, {} boxes predicted\n"
      "mAP50         {:.2f} %  (Pascal VOC, all points; COCO {:.2f} %)\n"
      "mAP50:95      {:.2f} %  (COCO)\n",
      facts.model, facts.data, facts.split, s.pictures, s.truths, s.found, 100 * s.voc_map50, 100 * s.coco_map50,
      100 * s.coco_map);
  if (const auto& b = e.baselines) {
    out += fmt::format("faces alone   {:.2f} %  (AP50 without classes)\n", 100 * b->any_class50);
    if (b->commonest >= 0)
      out += fmt::format("one class     {:.2f} %  (mAP50 of the same boxes, all with the class {})\n",
                         100 * b->commonest_map50, e.classes[static_cast<std::size_t>(b->commonest)]);
  }
  constexpr auto kRow = "{:<12}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}\n";
  out += "\n" + fmt::format(kRow, "", "faces", "found", "AP50 %", "AP50:95 %", "precision %", "recall %", "F1 %");
  for (std::size_t c = 0; c < e.classes.size(); ++c) {
    const ClassPrecision& k = s.classes[c];
    out += fmt::format(kRow, e.classes[c], k.truths, k.found, percent(k.voc50), percent(k.coco), percent(k.precision),
                       percent(k.recall), percent(k.f1));
  }
  return out + "precision, recall and F1 are computed for boxes with a score of 0.5 or more\n";
}

Json curves_json(const DetectionEvaluation& e) {
  Json json = Json::object();
  for (std::size_t c = 0; c < e.classes.size(); ++c) {
    const auto& curve = e.scores.classes[c].curve;
    Json points = Json::array();
    const std::size_t step = std::max<std::size_t>(1, (curve.size() + kCurvePoints - 1) / kCurvePoints);
    for (std::size_t i = 0; i < curve.size(); i += step)
      points.push_back({curve[i].recall, curve[i].precision, curve[i].score});
    json[e.classes[c]] = points;
  }
  return {{"precision_recall", json}};
}

}  // namespace mien::score
