// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/occlusion.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "mien/base/random.h"
#include "mien/base/words.h"
#include "mien/dataset/face_mask.h"
#include "mien/dataset/overlay.h"

namespace mien::dataset {
namespace {

constexpr float kGrey = 128.0f / 255;
constexpr float kMargin = 0.2f;  // around eyes and mouth, share of their width
constexpr std::size_t kLeftCorner = 36, kRightCorner = 45;

/// The box around `part`, turned like the line between the eyes' outer corners and enlarged on all sides.
std::vector<face::Point> turned_box(std::span<const face::Point> all, std::span<const face::Point> part) {
  const face::Point eyes{all[kRightCorner].x - all[kLeftCorner].x, all[kRightCorner].y - all[kLeftCorner].y};
  const float length = std::hypot(eyes.x, eyes.y);
  const face::Point axis = length > 0 ? face::Point{eyes.x / length, eyes.y / length} : face::Point{1, 0};
  const auto along = [&](face::Point p) { return p.x * axis.x + p.y * axis.y; };
  const auto across = [&](face::Point p) { return p.y * axis.x - p.x * axis.y; };
  float left = along(part[0]), right = left, top = across(part[0]), bottom = top;
  for (const auto& p : part) {
    left = std::min(left, along(p));
    right = std::max(right, along(p));
    top = std::min(top, across(p));
    bottom = std::max(bottom, across(p));
  }
  const float margin = kMargin * (right - left);
  const auto back = [&](float u, float v) { return face::Point{u * axis.x - v * axis.y, u * axis.y + v * axis.x}; };
  return {back(left - margin, top - margin), back(right + margin, top - margin), back(right + margin, bottom + margin),
          back(left - margin, bottom + margin)};
}

/// A square of a third of the picture's shorter side, anywhere inside the picture.
void cover_square(std::span<std::uint8_t> pixels, const pack::PackInfo& info, std::uint64_t seed,
                  std::uint64_t number) {
  const int side = static_cast<int>(std::lround(std::min(info.width, info.height) / 3.0));
  Random random = Random::stream(seed, "occlude square", number);
  const auto left = random.below(static_cast<std::size_t>(info.width - side + 1));
  const auto top = random.below(static_cast<std::size_t>(info.height - side + 1));
  const auto channels = static_cast<std::size_t>(info.channels);
  for (std::size_t y = top; y < top + static_cast<std::size_t>(side); ++y) {
    const auto row = pixels.subspan((y * static_cast<std::size_t>(info.width) + left) * channels,
                                    static_cast<std::size_t>(side) * channels);
    std::fill(row.begin(), row.end(), std::uint8_t{128});
  }
}

std::vector<face::Point> enlarged(const Overlay& overlay, std::span<const face::Point> points) {
  std::vector<face::Point> out;
  for (const auto& p : points) out.push_back(overlay.enlarged(p));
  return out;
}

}  // namespace

void occlude(std::span<std::uint8_t> pixels, const pack::PackInfo& info, std::span<const face::Point> landmarks,
             const OcclusionOptions& o, std::uint64_t number) {
  if (o.kind == OcclusionKind::square) return cover_square(pixels, info, o.seed, number);
  check_input(
      landmarks.size() == face::kNumPoints68,
      fmt::format("A face with {} landmarks in place of {} cannot be covered.", landmarks.size(), face::kNumPoints68));
  if (o.kind == OcclusionKind::none) return;
  Overlay overlay(info.width, info.height);
  if (o.kind == OcclusionKind::mask)
    draw_face_mask(overlay, mask_place(enlarged(overlay, landmarks), o.roll_masks));
  else if (o.kind == OcclusionKind::eyes)
    overlay.fill(turned_box(landmarks, landmarks.subspan(36, 12)), kGrey);
  else
    overlay.fill(turned_box(landmarks, landmarks.subspan(48, 20)), kGrey);
  overlay.blend_into(pixels, info.channels);
}

OcclusionReport write_occluded(const pack::Pack& source, const std::filesystem::path& path,
                               const OcclusionOptions& options, const std::string& command,
                               const ProgressSink& progress, const CancelToken& cancel) {
  const bool needs_landmarks = options.kind != OcclusionKind::square;
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < source.size(); ++i)
    if (!needs_landmarks || has(source.sample(i), pack::Field::landmarks)) kept.push_back(i);
  check_input(!kept.empty(),
              fmt::format("{}: no picture has landmarks, which --kind {} needs.", source.path().string(),
                          to_word(options.kind)),
              "Create the pack again with 'mien data pack … --landmarks', or use --kind square.");
  OcclusionReport report{kept.size(), source.size() - kept.size(), ""};
  pack::PackInfo info = source.info();
  info.provenance["occlusion"] = {{"kind", to_word(options.kind)},
                                  {"seed", options.seed},
                                  {"roll", options.roll_masks},
                                  {"samples", report.samples},
                                  {"left_out", report.left_out},
                                  {"source_hash", source.hash()},
                                  {"command", command}};
  pack::PackWriter writer(path, info);
  for (const std::size_t i : kept) {
    throw_if_cancelled(cancel);
    const auto& sample = source.sample(i);
    const auto stored = source.pixels(i);
    std::vector<std::uint8_t> pixels(stored.begin(), stored.end());
    occlude(pixels, info, sample.landmarks, options, i);
    writer.add(sample, pixels);
    const bool is_due = writer.size() % 1024 == 0 || writer.size() == kept.size();
    if (progress && is_due)
      progress({"occlude", static_cast<std::int64_t>(writer.size()), static_cast<std::int64_t>(kept.size()), ""});
  }
  report.hash = writer.commit();
  return report;
}

Json to_json(const OcclusionReport& r) { return {{"samples", r.samples}, {"left_out", r.left_out}, {"hash", r.hash}}; }

}  // namespace mien::dataset
