// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/class_maps.h"

namespace mien::methods::dan {
namespace {

/// ∂ logit / ∂ v_j (B,K,D). Σ_j log softmax_j(v) = Σ_j v_j - H · logsumexp_j(v), whose derivative is 1 - H ·
/// softmax_j(v).
std::vector<at::Tensor> gradients_of_vectors(const std::vector<HeadTrace>& heads, const at::Tensor& weight,
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
at::Tensor through_channel_unit(const at::Tensor& q, const HeadTrace& head, const ChannelWeights& unit) {
  if (!unit.squeeze.weight.defined()) return q;
  const at::Tensor slope = head.vector * (1 - head.gate);  // p ⊙ g (1 - g)
  const at::Tensor at_hidden = at::matmul(q * slope.unsqueeze(1), unit.excite.weight);
  const at::Tensor open = (head.hidden > 0).to(at::kFloat).unsqueeze(1);
  return q * head.gate.unsqueeze(1) + at::matmul(at_hidden * open, unit.squeeze.weight);
}

}  // namespace

at::Tensor head_class_maps(const at::Tensor& x, const std::vector<HeadTrace>& heads,
                           const std::vector<ChannelWeights>& units, const at::Tensor& classifier_weight,
                           bool log_softmax_fusion) {
  const std::vector<at::Tensor> q = gradients_of_vectors(heads, classifier_weight, log_softmax_fusion);
  const at::Tensor cells = x.flatten(2);  // (B,D,h·w)
  std::vector<at::Tensor> maps;
  for (std::size_t j = 0; j < heads.size(); ++j) {
    const at::Tensor map = at::matmul(through_channel_unit(q[j], heads[j], units[j]), cells)
                               .reshape({x.size(0), classifier_weight.size(0), x.size(2), x.size(3)});
    maps.push_back(heads[j].map.defined() ? map * heads[j].map : map);
  }
  return at::stack(maps, 1);
}

}  // namespace mien::methods::dan
