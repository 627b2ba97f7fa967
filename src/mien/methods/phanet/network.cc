// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/phanet/network.h"

#include <fmt/core.h>

#include <string>

#include "mien/base/error.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::phanet {
namespace {

DenseNetOptions trunk_options(Trunk trunk, std::int64_t in_channels) {
  if (trunk == Trunk::densenet121) return {.in_channels = in_channels};
  return {.in_channels = in_channels, .growth = 12, .stem = 24, .layers = {3, 4, 6, 4}, .small_stem = true};
}

}  // namespace

PhanetNetImpl::PhanetNetImpl(const PhanetConfig& c, std::int64_t num_classes, std::int64_t in_channels)
    : config_(c), dim_(c.trunk == Trunk::small ? 64 : 256) {
  const std::int64_t hidden = c.trunk == Trunk::small ? 16 : 64;
  backbone = register_module("backbone", DenseNet(trunk_options(c.trunk, in_channels)));
  nn::Group parts = register_module("scales", nn::Group());
  for (const double scale : c.scales) {
    const auto k = static_cast<std::size_t>(scale);
    scales.push_back(parts->add(std::to_string(k), Scale(backbone->channels()[k], dim_, hidden, num_classes)));
  }
  const auto count = static_cast<std::int64_t>(scales.size());
  const std::int64_t context = backbone->channels()[3];
  if (c.pose) pose = register_module("pose", torch::nn::Linear(context, c.num_poses()));
  select_context = register_module("select_context", torch::nn::Linear(context, count));
  if (c.guided())
    select_pose =
        register_module("select_pose", torch::nn::Linear(torch::nn::LinearOptions(c.num_poses(), count).bias(false)));
  expression = register_module("expression", torch::nn::Linear(count * dim_, num_classes));
  if (c.loss_weights == LossWeights::dynamic)
    loss_weights = register_module("loss_weights", torch::nn::Linear(context, 2));
  if (c.loss_weights == LossWeights::uncertainty)
    loss_log_vars = register_parameter("loss_log_vars", torch::zeros({3}));
  dropout = register_module("dropout", torch::nn::Dropout(c.dropout));
}

at::Tensor PhanetNetImpl::scale_probabilities(const PhanetOutput& out) {
  at::Tensor logits = select_context->forward(out.global_features);
  // The expression loss must not train the pose head (trap 2).
  if (config_.guided()) logits = logits + select_pose->forward(at::softmax(out.pose, 1).detach());
  return at::softmax(logits, 1);
}

PhanetOutput PhanetNetImpl::forward(const at::Tensor& images, Selection selection) {
  const std::int64_t step = config_.trunk == Trunk::small ? 16 : 32;
  check_input(images.dim() == 4 && images.size(2) % step == 0 && images.size(3) % step == 0,
              fmt::format("PhaNet needs pictures (B,C,H,W) whose sides are multiples of {}, got {}.", step,
                          nn::shape_text(images.sizes())),
              "Set input.size to such a number.");
  const DenseNetOutput trunk = backbone->forward(images);
  PhanetOutput out;
  out.global_features = trunk.pooled;
  std::vector<at::Tensor> scores;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    out.embeddings.push_back(scales[i]->embed_map(trunk.maps[static_cast<std::size_t>(config_.scales[i])]));
    if (config_.attention != Attention::none) scores.push_back(scales[i]->score_map(out.embeddings.back()));
  }
  if (config_.attention == Attention::hierarchical) scores = top_down(scores);
  for (const at::Tensor& score : scores) out.masks.push_back(at::sigmoid(score));
  std::vector<at::Tensor> features, logits;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    features.push_back(masked_mean(out.masks.empty() ? at::Tensor() : out.masks[i], out.embeddings[i]));
    logits.push_back(scales[i]->classifier->forward(features.back()));
  }
  out.scale_features = at::stack(features, 1);
  out.scale_logits = at::stack(logits, 1);
  if (!pose.is_empty()) out.pose = pose->forward(out.global_features);
  if (selection == Selection::concat) {
    out.scale_weights = at::full_like(out.scale_logits.select(2, 0), 1.0 / static_cast<double>(scales.size()));
  } else {
    out.scale_probabilities = scale_probabilities(out);
    out.scale_weights =
        selection == Selection::top ? keep_largest(out.scale_probabilities, config_.select_k) : out.scale_probabilities;
  }
  out.features = (out.scale_weights.unsqueeze(2) * out.scale_features).flatten(1);
  out.logits = expression->forward(dropout->forward(out.features));
  return out;
}

void initialise(PhanetNet& network) {
  for (const auto& module : network->modules(/*include_self=*/false)) {
    if (auto* conv = module->as<torch::nn::Conv2d>()) conv->reset_parameters();
    if (auto* norm = module->as<torch::nn::BatchNorm2d>()) norm->reset_parameters();
    if (auto* linear = module->as<torch::nn::Linear>()) linear->reset_parameters();
  }
  for (const auto& module : network->backbone->modules(false))
    if (auto* conv = module->as<torch::nn::Conv2d>())
      torch::nn::init::kaiming_normal_(conv->weight, 0, torch::kFanIn, torch::kReLU);
  for (auto& scale : network->scales) torch::nn::init::zeros_(scale->score->bias);
  torch::nn::init::normal_(network->select_context->weight, 0, 0.01);
  torch::nn::init::zeros_(network->select_context->bias);
  if (!network->select_pose.is_empty()) torch::nn::init::normal_(network->select_pose->weight, 0, 0.01);
  if (!network->loss_weights.is_empty())
    for (auto& parameter : network->loss_weights->parameters()) torch::nn::init::zeros_(parameter);
  if (network->loss_log_vars.defined()) torch::nn::init::zeros_(network->loss_log_vars);
}

}  // namespace mien::methods::phanet
