// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/landmark_training.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/methods/part_based/loss.h"

namespace mien::methods::part_based {
namespace {

/// The rows of the batch whose landmarks are known.
at::Tensor known_rows(const batch::Batch& batch) { return at::nonzero(batch.landmarks_known).flatten(); }

}  // namespace

void LandmarkTraining::begin(method::HookContext& context) {
  std::vector<at::Tensor> targets;
  context.for_each_batch(/*augmented=*/false, [&](const batch::Batch& batch) {
    targets.push_back(targets_of(part_, batch.landmarks).index_select(0, known_rows(batch)));
    return true;
  });
  constant_ = constant_prediction(at::cat(targets));
}

method::Losses LandmarkTraining::losses(const batch::Batch& batch) {
  const at::Tensor rows = known_rows(batch);
  const at::Tensor predicted = network_->landmarks->forward(network_->features->forward(batch.images()));
  if (rows.size(0) == 0) return {{"landmarks", predicted.sum() * 0}};
  return {{"landmarks",
           landmark_loss(predicted.index_select(0, rows), targets_of(part_, batch.landmarks).index_select(0, rows))}};
}

method::Figures LandmarkTraining::judge(const method::BatchPass& pass) {
  double error = 0, constant = 0, pictures = 0;
  pass([&](const batch::Batch& batch) {
    const at::Tensor rows = known_rows(batch);
    if (rows.size(0) == 0) return true;
    const at::Tensor targets = targets_of(part_, batch.landmarks).index_select(0, rows);
    const at::Tensor predicted =
        network_->landmarks->forward(network_->features->forward(batch.images().index_select(0, rows)));
    const auto count = static_cast<double>(rows.size(0));
    error += count * landmark_loss(predicted, targets).item<double>();
    constant += count * landmark_loss(constant_.expand_as(targets), targets).item<double>();
    pictures += count;
    return true;
  });
  check_input(pictures > 0, fmt::format("No picture of the validation part has landmarks of the {}.", name_of(part_)),
              "Pack the data set with landmarks.");
  return {{"landmark_skill", 1 - error / constant},
          {"landmark_error", error / pictures},
          {"constant_error", constant / pictures}};
}

}  // namespace mien::methods::part_based
