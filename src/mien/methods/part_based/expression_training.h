// SPDX-License-Identifier: Apache-2.0
// Stage 2 of one part (card 3, 4.3): a head on the features of a body that has learned landmarks. While the body is
// frozen, its features may be computed once and looked up by the picture's index.
#pragma once

#include "mien/method/stage.h"
#include "mien/methods/part_based/config.h"
#include "mien/methods/part_based/feature_cache.h"
#include "mien/methods/part_based/network.h"

namespace mien::methods::part_based {

class ExpressionTraining {
 public:
  ExpressionTraining(const PartBasedConfig& config, std::size_t part, PartBasedNet network)
      : config_(config), part_(part), network_(std::move(network)) {}

  /// Recomputes the norms' statistics, fills the cache and measures the features, as configured. After
  /// a resume only fills the cache.
  void begin(method::HookContext& context);
  /// Cross-entropy on the training pictures.
  method::Losses losses(const batch::Batch& batch);
  /// The same on pictures of the validation part.
  method::Losses validate(const batch::Batch& batch);
  /// f (B,D) of pictures whose features are cached.
  at::Tensor cached_features(const batch::Batch& batch) const { return cache_.look_up(batch.index); }
  /// Reads the training and the validation part once; returns f of the training pictures (n,D).
  at::Tensor fill_cache(method::HookContext& context);
  bool is_cached() const { return config_.freeze_features && config_.cache; }

 private:
  SubNetworkImpl& network() { return *network_->networks[part_]; }
  at::Tensor frozen_features(const at::Tensor& images);
  void recalibrate(method::HookContext& context);
  void standardise(const at::Tensor& features);
  method::Losses cross_entropy(const at::Tensor& features, const batch::Batch& batch);

  PartBasedConfig config_;
  std::size_t part_;
  PartBasedNet network_;
  FeatureCache cache_;
};

}  // namespace mien::methods::part_based
