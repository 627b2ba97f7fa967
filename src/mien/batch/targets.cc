// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/targets.h"

#include <fmt/core.h>

#include "mien/base/error.h"

namespace mien::batch {
namespace {

const char* remedy_for(pack::Field field) {
  switch (field) {
    case pack::Field::landmarks:
      return "Add them: mien data pack DATA -o FILE.pack --landmarks";
    case pack::Field::pose:
      return "Add them: mien data pack DATA -o FILE.pack --pose";
    case pack::Field::boxes:
      return "Pack a data set with boxes: mien data pack LIST -o FILE.pack --whole 320x320";
  }
  return "";
}

void require_field(const pack::Pack& pack, pack::Split split, pack::Field field) {
  check_input(
      pack.count(split, field) > 0,
      fmt::format("{}: no picture of its {} part has {}.", pack.path().string(), to_string(split), to_string(field)),
      remedy_for(field));
}

/// 68 points as fractions of the picture; zeros if they are not known.
void add_landmarks(Batch& batch, const pack::Pack& pack, std::span<const std::uint32_t> indices) {
  const auto n = static_cast<std::int64_t>(indices.size());
  const auto points = static_cast<std::int64_t>(face::kNumPoints68);
  batch.landmarks = at::zeros({n, points, 2}, at::kFloat);
  batch.landmarks_known = at::zeros({n}, at::kBool);
  auto* target = batch.landmarks.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < n; ++i, target += 2 * points) {
    const auto& sample = pack.sample(indices[static_cast<std::size_t>(i)]);
    if (sample.landmarks.empty()) continue;
    batch.landmarks_known.mutable_data_ptr<bool>()[i] = true;
    for (std::size_t p = 0; p < sample.landmarks.size(); ++p) {
      target[2 * p] = sample.landmarks[p].x / static_cast<float>(pack.info().width);
      target[2 * p + 1] = sample.landmarks[p].y / static_cast<float>(pack.info().height);
    }
  }
}

void add_pose(Batch& batch, const pack::Pack& pack, std::span<const std::uint32_t> indices) {
  const auto n = static_cast<std::int64_t>(indices.size());
  batch.pose = at::zeros({n, 2}, at::kFloat);
  batch.pose_known = at::zeros({n, 2}, at::kBool);
  auto* degrees = batch.pose.mutable_data_ptr<float>();
  auto* known = batch.pose_known.mutable_data_ptr<bool>();
  for (const std::uint32_t index : indices)
    for (const auto& angle : {pack.sample(index).yaw, pack.sample(index).pitch}) {
      *degrees++ = angle ? angle->degrees : 0;
      *known++ = angle.has_value();
    }
}

void add_boxes(Batch& batch, const pack::Pack& pack, std::span<const std::uint32_t> indices) {
  const auto width = static_cast<float>(pack.info().width), height = static_cast<float>(pack.info().height);
  batch.boxes_known = at::zeros({static_cast<std::int64_t>(indices.size())}, at::kBool);
  auto* known = batch.boxes_known.mutable_data_ptr<bool>();
  batch.boxes.clear();
  for (const std::uint32_t index : indices) {
    const auto& boxes = pack.sample(index).boxes;
    *known++ = boxes.has_value();
    std::vector<float> values;
    for (const auto& [box, label] : boxes.value_or(std::vector<face::LabelledBox>{}))
      for (const float v :
           {box.x / width, box.y / height, box.width / width, box.height / height, static_cast<float>(label)})
        values.push_back(v);
    const auto count = static_cast<std::int64_t>(values.size()) / 5;
    batch.boxes.push_back(at::tensor(values, at::kFloat).view({count, 5}));
  }
}

}  // namespace

void require_fields(const pack::Pack& pack, pack::Split split, const Fields& fields) {
  if (fields.landmarks) require_field(pack, split, pack::Field::landmarks);
  if (fields.pose) require_field(pack, split, pack::Field::pose);
  if (fields.boxes) require_field(pack, split, pack::Field::boxes);
}

void add_fields(Batch& batch, const pack::Pack& pack, std::span<const std::uint32_t> indices, const Fields& fields) {
  if (fields.landmarks) add_landmarks(batch, pack, indices);
  if (fields.pose) add_pose(batch, pack, indices);
  if (fields.boxes) add_boxes(batch, pack, indices);
}

void move_targets(Batch& batch, at::Device device) {
  for (at::Tensor* t : {&batch.labels, &batch.distribution, &batch.true_labels, &batch.landmarks,
                        &batch.landmarks_known, &batch.pose, &batch.pose_known, &batch.boxes_known})
    if (t->defined()) *t = t->to(device);
  for (auto& boxes : batch.boxes) boxes = boxes.to(device);
}

at::Tensor yaw_classes(const at::Tensor& yaw, const at::Tensor& known, const std::vector<double>& edges) {
  at::Tensor classes = at::zeros(yaw.sizes(), yaw.options().dtype(at::kLong));
  for (const double edge : edges) classes += edge < 0 ? yaw >= edge : yaw > edge;
  return at::where(known, classes, at::full_like(classes, -1));
}

}  // namespace mien::batch
