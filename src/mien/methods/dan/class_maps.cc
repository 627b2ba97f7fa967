// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/class_maps.h"

#include "mien/nn/class_activation.h"

namespace mien::methods::dan {
namespace {

/// ∂ logit / ∂ v_j (B,K,D). Σ_j log softmax_j(v) = Σ_j v_j - H · logsumexp_j(v), whose derivative is 1 - H ·
/// softmax_j(v).
std::vector<at::Tensor> gradients_of_vectors(const std::vector<HeadOutput>& heads, const at::Tensor& weight,
                                             bool log_softmax_fusion) {
  const auto num_heads = static_cast<std::int64_t>(heads.size());
  std::vector<at::Tensor> vectors, out;
  for (const auto& head : heads) vectors.push_back(head.vector);
  const at::Tensor stacked = at::stack(vectors, 1);
  const at::Tensor factors =
      log_softmax_fusion && num_heads > 1 ? 1 - at::softmax(stacked, 1) * num_heads : at::ones_like(stacked);
  for (std::int64_t j = 0; j < num_heads; ++j) out.push_back(factors.narrow(1, j, 1) * weight);  // (B,1,D) · (K,D)
  return out;
}

/// Through v = p ⊙ g(p), g = sigmoid(E relu(S p + s) + e): q (B,K,D) = ∂ / ∂ v → ∂ / ∂ p.
at::Tensor through_channel_unit(const at::Tensor& q, const HeadOutput& head, const ChannelGradients& unit) {
  if (!unit.squeeze.defined()) return q;
  const at::Tensor& gate = head.channel.gate;
  const at::Tensor slope = head.vector * (1 - gate);  // p ⊙ g (1 - g)
  const at::Tensor at_hidden = at::matmul(q * slope.unsqueeze(1), unit.excite);
  const at::Tensor open = (head.channel.hidden > 0).to(at::kFloat).unsqueeze(1);
  return q * gate.unsqueeze(1) + at::matmul(at_hidden * open, unit.squeeze);
}

std::vector<ChannelGradients> gradients_of_units(const DanNetImpl& network) {
  std::vector<ChannelGradients> out;
  for (const auto& head : network.heads) {
    ChannelGradients unit;
    if (!head->ca.is_empty()) {
      const auto& layers = *head->ca->attention;
      unit.squeeze = nn::gradient_of(*layers[0]->as<torch::nn::Linear>(), *layers[1]->as<torch::nn::BatchNorm1d>());
      unit.excite = layers[3]->as<torch::nn::Linear>()->weight;
    }
    out.push_back(unit);
  }
  return out;
}

}  // namespace

at::Tensor head_class_maps(const at::Tensor& x, const std::vector<HeadOutput>& heads,
                           const std::vector<ChannelGradients>& units, const at::Tensor& classifier,
                           bool log_softmax_fusion) {
  const std::vector<at::Tensor> q = gradients_of_vectors(heads, classifier, log_softmax_fusion);
  const at::Tensor cells = x.flatten(2);  // (B,D,h·w)
  std::vector<at::Tensor> maps;
  for (std::size_t j = 0; j < heads.size(); ++j) {
    const at::Tensor map = at::matmul(through_channel_unit(q[j], heads[j], units[j]), cells)
                               .reshape({x.size(0), classifier.size(0), x.size(2), x.size(3)});
    maps.push_back(heads[j].map.defined() ? map * heads[j].map : map);
  }
  return at::stack(maps, 1);
}

std::vector<method::DeployOutput> deploy_outputs(const DanNetImpl& network, const DanOutput& out) {
  const float stride = nn::kResNetCellStride, first = nn::kResNetCellFirst;
  const at::Tensor classifier = network.bn.is_empty() ? network.fc->weight : nn::gradient_of(*network.fc, *network.bn);
  if (network.heads.empty())
    return method::linear_classifier_outputs(out.logits, out.features, classifier, stride, first);
  const at::Tensor by_head =
      head_class_maps(out.features, out.by_head, gradients_of_units(network), classifier, network.log_softmax_fusion);
  std::vector<method::DeployOutput> outputs{{{face::kLogits, method::kLogitsMeaning, "real"}, out.logits}};
  outputs.push_back(
      {{face::kClassMaps,
        "class activation of each class, in the card's class order: Grad-CAM at the attended features of the heads, "
        "summed over the heads, times the number of cells, signed",
        "real, logits", stride, first},
       by_head.sum(1)});
  outputs.push_back(
      {{face::kHeadClassMaps, "the same per head, by head and class; the sum over the heads is class_maps",
        "real, logits", stride, first},
       by_head});
  if (out.maps.defined())
    outputs.push_back({{"head_maps", "spatial attention of each head over the feature map, row-major",
                        ">= 0, unbounded", stride, first},
                       out.maps});
  return outputs;
}

}  // namespace mien::methods::dan
