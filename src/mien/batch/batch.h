// SPDX-License-Identifier: Apache-2.0
// One training or evaluation batch. B samples, K classes, C channels.
#pragma once

#include <functional>
#include <vector>

#include "mien/base/error.h"
#include "mien/nn/torch.h"

namespace mien::batch {

struct Batch {
  std::vector<at::Tensor> views;  ///< per requested view: (B,C,H,W) float32, normalised network input
  at::Tensor labels;              ///< (B) int64
  at::Tensor distribution;        ///< (B,K) float32, rows sum to 1; one-hot if the data set has only labels
  at::Tensor index;               ///< (B) int64, position in the pack
  at::Tensor true_labels;  ///< (B) int64: labels before artificial noise, only used for monitoring; undefined unless
                           ///< given
  // Undefined or empty unless the stage requests them (batch/targets.h). Unknown rows are zeros.
  at::Tensor landmarks;        ///< (B,68,2) float32, fractions of the picture's sides: the points of face/points68.h
  at::Tensor landmarks_known;  ///< (B) bool
  at::Tensor pose;             ///< (B,2) float32, degrees: yaw (positive: to the picture's right), pitch (positive: up)
  at::Tensor pose_known;       ///< (B,2) bool
  std::vector<at::Tensor>
      boxes;               ///< per picture (n,5) float32: left, top, width, height (fractions of the sides), class
  at::Tensor boxes_known;  ///< (B) bool: false if a picture may contain unmarked faces

  /// The only or first view. Throws failed in a stage without views.
  const at::Tensor& images() const;
  std::int64_t size() const { return labels.size(0); }
};

/// One augmented view of a batch: pixels (B,C,h,w) uint8 as packed → network input (B,C,H,W) float32, normalised.
/// `targets` are those of the pixels; a view that moves the picture may move them too (boxes, landmarks, pose).
/// Randomness comes only from `generator`, so that a step can be repeated exactly.
using View = std::function<at::Tensor(const at::Tensor& pixels, Batch& targets, at::Generator& generator)>;

/// Joins or mixes the samples of a whole batch after the views (mixup, mosaic), on the CPU and before the batch moves
/// to the device; `progress` is the completed share of training, 0..1. With further pictures requested
/// (LoaderOptions), views and targets have B·(1 + further) rows: the batch's own B, then the first further picture of
/// each, then the second; `wrap` must leave B.
using Wrap = std::function<void(Batch& batch, at::Generator& generator, double progress)>;

inline const at::Tensor& Batch::images() const {
  if (views.empty())
    throw Error(ErrorKind::failed, "The batch has no pictures.", "Declare a view in the batch needs of the stage.");
  return views.front();
}

}  // namespace mien::batch
