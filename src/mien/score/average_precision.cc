// SPDX-License-Identifier: Apache-2.0
#include "mien/score/average_precision.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mien::score {
namespace {

constexpr double kScoreOfFigures = 0.5;  ///< least score of the boxes behind precision, recall and F1
constexpr int kOverlaps = 10;            ///< COCO: 0.5, 0.55, ..., 0.95
constexpr int kRecalls = 101;

double overlap(const face::Box& a, const face::Box& b, BoxPixels pixels) {
  const double extra = pixels == BoxPixels::whole ? 1 : 0;
  const auto shared = [&](double first, double length, double other, double other_length) {
    return std::min(first + length, other + other_length) - std::max(first, other) + extra;
  };
  const double width = shared(a.x, a.width, b.x, b.width), height = shared(a.y, a.height, b.y, b.height);
  if (width <= 0 || height <= 0) return 0;
  const double common = width * height;
  const auto area = [&](const face::Box& box) { return (box.width + extra) * (box.height + extra); };
  return common / (area(a) + area(b) - common);
}

/// A detected box among all those of its class.
struct Found {
  std::size_t picture = 0;
  face::Box box;
  float score = 0;
};

std::vector<face::Box> truths_of(const DetectedPicture& picture, int label) {
  std::vector<face::Box> out;
  for (const auto& t : picture.truth)
    if (t.label == label) out.push_back(t.box);
  return out;
}

/// The boxes of a class, picture by picture; in each picture only the class's best `most`, by descending score.
std::vector<Found> found_of(const std::vector<DetectedPicture>& pictures, int label, std::size_t most) {
  std::vector<Found> out;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::size_t begin = out.size();
    for (const auto& f : pictures[i].found)
      if (f.label == label) out.push_back({i, f.box, f.score});
    if (most == 0) continue;
    std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
                     [](const Found& a, const Found& b) { return a.score > b.score; });
    out.resize(std::min(out.size(), begin + most));
  }
  return out;
}

/// The true box that a box overlaps most, -1 if none. Among equal ones the first.
std::ptrdiff_t best_match(const face::Box& box, const std::vector<face::Box>& truth, BoxPixels pixels, double& best) {
  std::ptrdiff_t at = -1;
  best = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double iou = overlap(box, truth[i], pixels);
    if (iou > best) {
      best = iou;
      at = static_cast<std::ptrdiff_t>(i);
    }
  }
  return at;
}

/// The free true box that a box overlaps most, by at least `min_iou`; -1 if none. Among equal ones the last.
std::ptrdiff_t free_match(const face::Box& box, const std::vector<face::Box>& truth, const std::vector<char>& taken,
                          double min_iou) {
  std::ptrdiff_t at = -1;
  double best = min_iou;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (taken[i]) continue;
    const double iou = overlap(box, truth[i], BoxPixels::continuous);
    if (iou < best) continue;
    best = iou;
    at = static_cast<std::ptrdiff_t>(i);
  }
  return at;
}

/// Precision after each box; `hit` says which boxes hit, by descending score (equal scores keep their order).
std::vector<PrecisionPoint> curve_of(const std::vector<Found>& found, const std::vector<char>& hit,
                                     std::int64_t truths) {
  std::vector<std::size_t> order(found.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return found[a].score > found[b].score; });
  std::vector<PrecisionPoint> curve;
  double hits = 0;
  for (const std::size_t i : order) {
    hits += hit[i];
    curve.push_back({hits / static_cast<double>(truths), hits / static_cast<double>(curve.size() + 1), found[i].score});
  }
  return curve;
}

/// Highest precision at each point or after it.
std::vector<double> envelope(const std::vector<PrecisionPoint>& curve) {
  std::vector<double> out(curve.size());
  double best = 0;
  for (std::size_t i = curve.size(); i-- > 0;) out[i] = best = std::max(best, curve[i].precision);
  return out;
}

std::int64_t count_truths(const std::vector<DetectedPicture>& pictures, int label) {
  std::int64_t n = 0;
  for (const auto& picture : pictures)
    n += std::count_if(picture.truth.begin(), picture.truth.end(), [&](const auto& t) { return t.label == label; });
  return n;
}

face::Box whole_pixels(const face::Box& box, float (*to_whole)(float)) {
  const float left = to_whole(box.x), top = to_whole(box.y);
  return {left, top, to_whole(box.x + box.width) - left, to_whole(box.y + box.height) - top};
}

std::vector<DetectedPicture> in_whole_pixels(std::vector<DetectedPicture> pictures) {
  for (auto& picture : pictures) {
    for (auto& t : picture.truth) t.box = whole_pixels(t.box, [](float v) { return std::round(v); });
    for (auto& f : picture.found) f.box = whole_pixels(f.box, [](float v) { return std::trunc(v); });
  }
  return pictures;
}

/// Precision, recall and their harmonic mean of the boxes above the score of the figures.
void set_figures(ClassPrecision& figures) {
  const auto last = std::find_if(figures.curve.begin(), figures.curve.end(),
                                 [](const PrecisionPoint& p) { return p.score < kScoreOfFigures; });
  if (last == figures.curve.begin()) {
    figures.recall = figures.f1 = 0;
    return;
  }
  const PrecisionPoint& p = *(last - 1);
  figures.precision = p.precision;
  figures.recall = p.recall;
  figures.f1 = p.precision + p.recall > 0 ? 2 * p.precision * p.recall / (p.precision + p.recall) : 0;
}

double mean(const std::vector<double>& values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

std::vector<PrecisionPoint> voc_curve(const std::vector<DetectedPicture>& pictures, int label, double min_iou,
                                      BoxPixels pixels) {
  const auto truths = count_truths(pictures, label);
  if (truths == 0) return {};
  std::vector<Found> found = found_of(pictures, label, 0);
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.score > b.score; });
  std::vector<std::vector<face::Box>> truth;
  std::vector<std::vector<char>> taken;
  for (const auto& picture : pictures) {
    truth.push_back(truths_of(picture, label));
    taken.emplace_back(truth.back().size());
  }
  std::vector<char> hit(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    double iou = 0;
    const std::size_t picture = found[i].picture;
    const auto at = best_match(found[i].box, truth[picture], pixels, iou);
    if (at < 0 || iou < min_iou) continue;
    char& is_taken = taken[picture][static_cast<std::size_t>(at)];
    hit[i] = !is_taken;
    is_taken = 1;
  }
  return curve_of(found, hit, truths);
}

double voc_average_precision(const std::vector<PrecisionPoint>& curve) {
  const auto precision = envelope(curve);
  double area = 0, recall = 0;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    area += (curve[i].recall - recall) * precision[i];
    recall = curve[i].recall;
  }
  return area;
}

std::optional<double> coco_average_precision(const std::vector<DetectedPicture>& pictures, int label, double min_iou,
                                             std::size_t most_per_picture) {
  const auto truths = count_truths(pictures, label);
  if (truths == 0) return std::nullopt;
  const std::vector<Found> found = found_of(pictures, label, most_per_picture);
  std::vector<char> hit(found.size()), taken;
  std::vector<face::Box> truth;
  std::size_t current = pictures.size();
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].picture != current) {
      current = found[i].picture;
      truth = truths_of(pictures[current], label);
      taken.assign(truth.size(), 0);
    }
    const auto at = free_match(found[i].box, truth, taken, std::min(min_iou, 1 - 1e-10));
    if (at < 0) continue;
    hit[i] = taken[static_cast<std::size_t>(at)] = 1;
  }
  const auto curve = curve_of(found, hit, truths);
  const auto precision = envelope(curve);
  double sum = 0;
  for (int i = 0; i < kRecalls; ++i) {
    const double recall = i * 0.01;  // COCO's grid, bit-identical: a recall of 0.57 is below its 58th point
    const auto first = std::lower_bound(curve.begin(), curve.end(), recall,
                                        [](const PrecisionPoint& p, double r) { return p.recall < r; });
    if (first != curve.end()) sum += precision[static_cast<std::size_t>(first - curve.begin())];
  }
  return sum / kRecalls;
}

DetectionScores score_detections(const std::vector<DetectedPicture>& pictures, std::size_t num_classes) {
  DetectionScores scores;
  scores.pictures = static_cast<std::int64_t>(pictures.size());
  const auto whole = in_whole_pixels(pictures);
  std::vector<double> voc50, coco50, coco;
  for (int label = 0; label < static_cast<int>(num_classes); ++label) {
    ClassPrecision& figures = scores.classes.emplace_back();
    figures.truths = count_truths(pictures, label);
    figures.found = static_cast<std::int64_t>(found_of(pictures, label, 0).size());
    scores.truths += figures.truths;
    scores.found += figures.found;
    if (figures.truths == 0) continue;
    figures.curve = voc_curve(whole, label, 0.5, BoxPixels::whole);
    figures.voc50 = voc_average_precision(figures.curve);
    set_figures(figures);
    std::vector<double> by_overlap;
    for (int i = 0; i < kOverlaps; ++i)
      by_overlap.push_back(*coco_average_precision(pictures, label, 0.5 + (0.95 - 0.5) / (kOverlaps - 1) * i));
    figures.coco50 = by_overlap.front();
    figures.coco = mean(by_overlap);
    voc50.push_back(*figures.voc50);
    coco50.push_back(*figures.coco50);
    coco.push_back(*figures.coco);
  }
  scores.voc_map50 = mean(voc50);
  scores.coco_map50 = mean(coco50);
  scores.coco_map = mean(coco);
  return scores;
}

}  // namespace mien::score
