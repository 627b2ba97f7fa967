// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/face_mesh.h"

#include <array>
#include <cmath>

#include "mien/base/error.h"
#include "mien/detect/letterbox.h"
#include "mien/image/crop.h"

namespace mien::detect {
namespace {

constexpr int kSide = 192;

// Indices into the mesh; left and right as the viewer sees them.
constexpr std::array<std::size_t, 4> kLeftEye = {33, 133, 159, 145};  // outer and inner corner, upper and lower lid
constexpr std::array<std::size_t, 4> kRightEye = {263, 362, 386, 374};
constexpr std::array<std::size_t, 1> kNose = {1};
constexpr std::array<std::size_t, 1> kLeftMouth = {61};
constexpr std::array<std::size_t, 1> kRightMouth = {291};

template <std::size_t N>
face::Point mean(std::span<const float> mesh, const std::array<std::size_t, N>& indices) {
  face::Point sum;
  for (const std::size_t i : indices) sum.x += mesh[3 * i], sum.y += mesh[3 * i + 1];
  return {sum.x / N, sum.y / N};
}

std::vector<face::Point3> points_of(std::span<const float> mesh, const face::Similarity& image_from_input) {
  std::vector<face::Point3> out;
  for (std::size_t i = 0; i + 2 < mesh.size(); i += 3) {
    const face::Point p = image_from_input.apply({mesh[i], mesh[i + 1]});
    out.push_back({p.x, p.y, mesh[i + 2] * image_from_input.scale()});
  }
  return out;
}

}  // namespace

face::CropRule FaceMesh::input_rule() {
  // Measured: medians in MediaPipe's own region (1.5 times BlazeFace's box, turned upright) over 243 portraits, made
  // symmetric.
  face::CropRule rule;
  rule.name = "face-mesh";
  rule.left_eye = {0.361f, 0.347f}, rule.right_eye = {0.639f, 0.347f}, rule.nose = {0.5f, 0.519f},
  rule.mouth = {0.5f, 0.638f};
  return rule;
}

FaceMesh::FaceMesh(const runtime::Model& model) : session_(model) {}

std::optional<FaceMesh::Result> FaceMesh::refine(const image::Image& image, const face::Landmarks& rough) {
  const auto points = rough.points();
  float spread = 0;
  for (const auto& p : points) spread += std::hypot(p.x - points[0].x, p.y - points[0].y);
  if (!(spread > 1e-3f)) return std::nullopt;
  const face::CropRule rule = input_rule();
  const auto image_from_input = rule.crop_from_image(rough, kSide).inverse();
  const image::Crop crop = image::crop_face(image, rough, rule, kSide, 3);
  cv::Mat rgb = crop.pixels;
  const auto input = session_.input({1, kSide, kSide, 3});
  std::size_t next = 0;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x)
      for (int c = 0; c < 3; ++c) input[next++] = static_cast<float>(rgb.at<cv::Vec3b>(y, x)[c]) / 255;
  session_.run();
  const auto first = session_.output(0), second = session_.output(1);
  const auto mesh = first.values.size() > 1 ? first.values : second.values,
             score = first.values.size() > 1 ? second.values : first.values;
  check_input(mesh.size() == 3 * face::kNumMeshPoints && score.size() == 1,
              "The face mesh network has unexpected outputs.");
  auto at = [&](const auto& indices) { return image_from_input.apply(mean(mesh, indices)); };
  return Result{{at(kLeftEye), at(kRightEye), at(kNose), at(kLeftMouth), at(kRightMouth)},
                1 / (1 + std::exp(-score[0])),
                points_of(mesh, image_from_input)};
}

std::optional<std::vector<face::Point3>> MeshEstimator::estimate(const image::Image& image,
                                                                 const face::Landmarks& rough) {
  auto result = mesh_.refine(image, rough);
  if (!result || result->score < FaceMesh::kMinScore) return std::nullopt;
  return std::move(result->points);
}

}  // namespace mien::detect
