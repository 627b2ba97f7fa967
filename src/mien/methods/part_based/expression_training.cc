// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/expression_training.h"

#include "mien/nn/cross_entropy.h"

namespace mien::methods::part_based {
namespace {

constexpr double kLeastDeviation = 1e-6;  ///< a constant channel keeps its scale

}  // namespace

at::Tensor ExpressionTraining::frozen_features(const at::Tensor& images) {
  const torch::NoGradGuard no_grad;
  network().features->eval();
  return network().features->forward(images).to(at::kFloat);
}

/// The plain average of the statistics of the first batches, instead of the running ones (card 4.3, trap 3).
void ExpressionTraining::recalibrate(method::HookContext& context) {
  const torch::NoGradGuard no_grad;
  Body& body = network().features;
  for (auto& norm : body->norms) {
    norm->reset_running_stats();
    norm->options.momentum(std::nullopt);  // LibTorch then averages all batches equally
  }
  body->train();
  int left = config_.recalibrate;
  context.for_each_batch(/*augmented=*/!is_cached(), [&](const batch::Batch& batch) {
    body->forward(batch.images());
    return --left > 0;
  });
  for (auto& norm : body->norms) norm->options.momentum(config_.norm_momentum);
}

at::Tensor ExpressionTraining::fill_cache(method::HookContext& context) {
  cache_.clear();
  const auto add = [&](const batch::Batch& batch) {
    cache_.add(batch.index, frozen_features(batch.images()));
    return true;
  };
  context.for_each_batch(/*augmented=*/false, add);
  const at::Tensor of_training = cache_.all();
  context.for_each_validation_batch(add);
  return of_training;
}

void ExpressionTraining::begin(method::HookContext& context) {
  const bool is_new = !context.is_resumed;
  if (is_new && config_.recalibrate > 0) recalibrate(context);
  const bool is_measured = is_new && config_.standardise;
  if (!is_measured && !is_cached()) return;
  const at::Tensor features = fill_cache(context);
  if (is_measured) standardise(features);
  if (!is_cached()) cache_.clear();
}

/// Mean and deviation of each channel over the training pictures.
void ExpressionTraining::standardise(const at::Tensor& features) {
  const torch::NoGradGuard no_grad;
  const at::Tensor deviation = features.std(0, /*unbiased=*/false);
  Standard& standard = network_->standards[part_];
  standard.mean.copy_(features.mean(0));
  standard.deviation.copy_(at::where(deviation > kLeastDeviation, deviation, at::ones_like(deviation)));
}

method::Losses ExpressionTraining::cross_entropy(const at::Tensor& features, const batch::Batch& batch) {
  const at::Tensor target = nn::blend_target(batch.distribution, batch.labels, 0);
  return {{"cross_entropy", nn::cross_entropy(network_->expression(part_, features), target)}};
}

method::Losses ExpressionTraining::losses(const batch::Batch& batch) {
  if (is_cached()) return cross_entropy(cached_features(batch), batch);
  if (config_.freeze_features) return cross_entropy(frozen_features(batch.images()), batch);
  return cross_entropy(network().features->forward(batch.images()), batch);
}

method::Losses ExpressionTraining::validate(const batch::Batch& batch) {
  return cross_entropy(is_cached() ? cached_features(batch) : frozen_features(batch.images()), batch);
}

}  // namespace mien::methods::part_based
