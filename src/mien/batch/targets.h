// SPDX-License-Identifier: Apache-2.0
// Fields of a pack in addition to labels, as part of a batch: landmarks, head pose, boxes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mien/batch/batch.h"
#include "mien/pack/pack.h"

namespace mien::batch {

/// The fields that a batch contains.
struct Fields {
  bool landmarks = false, pose = false, boxes = false;
};

/// Throws bad_input if no picture of the part has a requested field; the remedy is the command that adds the field.
/// Single pictures may lack it: see the flags in Batch.
void require_fields(const pack::Pack& pack, pack::Split split, const Fields& fields);

/// Fills the fields of the pictures with these pack indices.
void add_fields(Batch& batch, const pack::Pack& pack, std::span<const std::uint32_t> indices, const Fields& fields);

/// Moves everything except the views to the device.
void move_targets(Batch& batch, at::Device device);

/// Classes of the yaw, cut at rising edges (degrees), edges.size() + 1 in all. A yaw on an edge belongs to the side of
/// 0, so that with symmetric edges mirroring turns class i into the last class - i. yaw (B) float32, known (B) bool →
/// (B) int64, -1 if the yaw is not known.
at::Tensor yaw_classes(const at::Tensor& yaw, const at::Tensor& known, const std::vector<double>& edges);

}  // namespace mien::batch
