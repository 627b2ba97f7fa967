// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/explanation.h"

#include "mien/nn/class_activation.h"

namespace mien::methods::part_based {

at::Tensor part_class_maps(const at::Tensor& activations, const at::Tensor& weight) {
  const std::int64_t cells = activations.size(2) * activations.size(3);
  return nn::class_activation(activations, weight * (1.0 / static_cast<double>(cells)));
}

at::Tensor ensemble_class_maps(const at::Tensor& part_maps, const at::Tensor& probabilities, EnsembleRule rule,
                               const at::Tensor& stack_weight) {
  const at::Tensor p = probabilities.unsqueeze(-1).unsqueeze(-1);                    // (B,P,K,1,1)
  const at::Tensor of_log = part_maps - (p * part_maps).sum({2}, /*keepdim=*/true);  // of log p_jk
  switch (rule) {
    case EnsembleRule::product: {
      const at::Tensor mean = of_log.mean({1});
      const at::Tensor fused = combine(probabilities, rule).unsqueeze(-1).unsqueeze(-1);
      return mean - (fused * mean).sum({1}, /*keepdim=*/true);
    }
    case EnsembleRule::stack:
      return nn::class_activation((p * of_log).flatten(1, 2), stack_weight);
    case EnsembleRule::mean:
    case EnsembleRule::vote:
      break;
  }
  return (p * of_log).mean({1}) / p.mean({1});
}

}  // namespace mien::methods::part_based
