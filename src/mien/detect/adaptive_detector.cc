// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/adaptive_detector.h"

#include <algorithm>
#include <utility>

namespace mien::detect {

std::optional<face::Detection> only_face(const std::vector<face::Detection>& faces, const image::Image& image,
                                         GlanceRule rule) {
  if (faces.size() != 1) return std::nullopt;
  const face::Detection& face = faces.front();
  const float side = std::max(face.box.width, face.box.height);
  const auto picture = static_cast<float>(std::max(image.cols, image.rows));
  if (face.score < rule.sure_score || side < rule.large_share * picture) return std::nullopt;
  return face;
}

bool is_sure(const std::vector<face::Detection>& faces, float sure_score) {
  return !faces.empty() &&
         std::all_of(faces.begin(), faces.end(), [sure_score](const auto& f) { return f.score >= sure_score; });
}

std::vector<face::Detection> merge_detectors(const std::vector<face::Detection>& fast,
                                             std::vector<face::Detection> accurate, float sure_score) {
  for (const face::Detection& f : fast) {
    const bool is_known = std::any_of(accurate.begin(), accurate.end(), [&f](const auto& known) {
      return face::iou(known.box, f.box) > face::kMaxIouOfFaces;
    });
    if (f.score >= sure_score && !is_known) accurate.push_back(f);
  }
  std::stable_sort(accurate.begin(), accurate.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return accurate;
}

AdaptiveDetector::AdaptiveDetector(std::unique_ptr<image::FaceDetector> glance,
                                   std::unique_ptr<image::FaceDetector> fast, Make make_accurate, GlanceRule rule)
    : glance_(std::move(glance)), fast_(std::move(fast)), make_accurate_(std::move(make_accurate)), rule_(rule) {}

std::vector<face::Detection> AdaptiveDetector::detect(const image::Image& image) {
  if (auto face = only_face(glance_->detect(image), image, rule_)) return {std::move(*face)};
  auto found = fast_->detect(image);
  if (is_sure(found, rule_.sure_score)) return found;
  if (!accurate_) accurate_ = make_accurate_();
  return merge_detectors(found, accurate_->detect(image), rule_.sure_score);
}

float AdaptiveDetector::smallest_face_px(const image::Image& image) const {
  return accurate_ ? accurate_->smallest_face_px(image) : fast_->smallest_face_px(image);
}

}  // namespace mien::detect
