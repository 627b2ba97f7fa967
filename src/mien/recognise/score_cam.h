// SPDX-License-Identifier: Apache-2.0
// Score-CAM (Wang et al. 2020): which activations support a class, measured with the network itself and without a
// gradient. Each channel of a layer masks the crop; the logit that remains is the weight of the channel.
#pragma once

#include <cstddef>
#include <functional>
#include <opencv2/core/mat.hpp>

#include "mien/runtime/expression_model.h"

namespace mien::recognise {

/// The output that provides the channels: activations (D,h,w) of one layer. It is not shown itself.
inline constexpr const char* kActivationMaps = "activation_maps";
inline constexpr std::size_t kScoreChannels = 64;  ///< channels that are evaluated by default

struct ScoreMap {
  std::size_t target = 0;  ///< the class
  std::size_t channels = 0, all_channels = 0;
  runtime::OutputMaps map;  ///< (1,h,w), >= 0
};

struct ScoreOptions {
  std::size_t channels = kScoreChannels;  ///< those with the largest activation; 0: all
  bool flip = false;
  std::function<void(std::size_t done, std::size_t total)> on_batch = nullptr;  ///< called after each batch of channels
};

/// Sum of the channels, weighted by the softmax of the target's logits over the channels, cut off at 0. `crop`: as the
/// network receives it. A mask is the channel, enlarged and scaled to 0..1; where it is 0, the crop becomes the grey
/// that the card's scaling turns into 0. Throws bad_input if the activations do not have three axes.
ScoreMap score_cam(runtime::ExpressionSession& session, const face::ModelCard& card, const cv::Mat& crop,
                   const runtime::OutputMaps& activations, std::size_t target, const ScoreOptions& options);

}  // namespace mien::recognise
