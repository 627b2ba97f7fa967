// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/phanet/deploy_outputs.h"

#include <fmt/core.h>

namespace mien::methods::phanet {
namespace {

std::vector<std::string> scale_names(const PhanetConfig& config) {
  std::vector<std::string> names;
  for (const double scale : config.scales) names.push_back(fmt::format("scale {}", static_cast<int>(scale)));
  return names;
}

/// "yaw below -50", "yaw -50 to -20", ..., "yaw above 50"
std::vector<std::string> pose_names(const std::vector<double>& edges) {
  std::vector<std::string> names{fmt::format("yaw below {:g}", edges.front())};
  for (std::size_t i = 1; i < edges.size(); ++i)
    names.push_back(fmt::format("yaw {:g} to {:g}", edges[i - 1], edges[i]));
  names.push_back(fmt::format("yaw above {:g}", edges.back()));
  return names;
}

}  // namespace

at::Tensor class_maps(const PhanetNetImpl& network, const PhanetOutput& out) {
  const std::int64_t dim = network.dim();
  const at::Tensor& weight = network.expression->weight;  // (K,S·dim)
  const std::int64_t height = out.embeddings.front().size(2), width = out.embeddings.front().size(3);
  at::Tensor sum;
  for (std::size_t k = 0; k < out.embeddings.size(); ++k) {
    const auto scale = static_cast<std::int64_t>(k);
    const at::Tensor& embedding = out.embeddings[k];
    const at::Tensor mask = out.masks.empty() ? at::ones_like(embedding.narrow(1, 0, 1)) : out.masks[k];
    const at::Tensor by_class = at::conv2d(embedding, weight.narrow(1, scale * dim, dim).unsqueeze(-1).unsqueeze(-1));
    const at::Tensor share = out.scale_weights.narrow(1, scale, 1).unsqueeze(-1).unsqueeze(-1) /
                             (mask.sum({2, 3}, /*keepdim=*/true) + kPoolEps);
    at::Tensor map = by_class * mask * share;
    const std::int64_t factor = height / embedding.size(2);
    if (factor > 1)
      map = at::upsample_nearest2d(map, {height, width}) / static_cast<double>(factor * (width / embedding.size(3)));
    sum = sum.defined() ? sum + map : map;
  }
  return sum;
}

std::vector<method::DeployOutput> deploy_outputs(const PhanetNetImpl& network, const PhanetOutput& out,
                                                 std::int64_t side) {
  const PhanetConfig& config = network.config();
  const auto stride = [side](const at::Tensor& map) {
    return static_cast<float>(side) / static_cast<float>(map.size(3));
  };
  const auto first = [&](const at::Tensor& map) { return (stride(map) - 1) / 2; };
  std::vector<method::DeployOutput> outputs{{{face::kLogits, method::kLogitsMeaning, "real"}, out.logits}};
  const at::Tensor maps = class_maps(network, out);
  outputs.push_back({{face::kClassMaps,
                      "class activation of each class, in the card's class order: the classifier applied to the masked "
                      "features of the selected scales; the sum over the cells is the logit without its bias",
                      "real, logits", stride(maps), first(maps)},
                     maps});
  for (std::size_t k = 0; k < out.masks.size(); ++k)
    outputs.push_back({{fmt::format("mask_{}", static_cast<int>(config.scales[k])),
                        fmt::format("attention mask of scale {}", static_cast<int>(config.scales[k])), "0..1",
                        stride(out.masks[k]), first(out.masks[k])},
                       out.masks[k]});
  outputs.push_back(
      {face::face_values("scale_weights", "weight of each scale for this face", "0..1", scale_names(config)),
       out.scale_weights});
  if (config.attention_loss)  // otherwise these classifiers are untrained
    outputs.push_back(
        {{"scale_probabilities",
          "probability that the auxiliary classifier of each scale (row) gives each class (column)", "0..1"},
         at::softmax(out.scale_logits, 2)});
  if (out.pose.defined())
    outputs.push_back({face::face_values("pose", "probability of each pose, by the yaw in degrees", "0..1",
                                         pose_names(config.pose_edges)),
                       at::softmax(out.pose, 1)});
  return outputs;
}

}  // namespace mien::methods::phanet
