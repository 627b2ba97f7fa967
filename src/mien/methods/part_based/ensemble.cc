// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/ensemble.h"

#include "mien/base/error.h"

namespace mien::methods::part_based {
namespace {

constexpr double kSmallest = 1e-7;

at::Tensor entropy(const at::Tensor& p) { return -(p * clamped_log(p)).sum({-1}); }

/// One vote per part for its first most likely class: (B,P,K) → (B,K).
at::Tensor votes(const at::Tensor& probabilities) {
  const at::Tensor winner = probabilities.argmax(2, /*keepdim=*/true);
  const at::Tensor classes = at::arange(probabilities.size(2), winner.options()).view({1, 1, -1});
  return (winner == classes).to(at::kFloat).sum({1});
}

}  // namespace

at::Tensor clamped_log(const at::Tensor& probabilities) { return probabilities.clamp_min(kSmallest).log(); }

at::Tensor combine(const at::Tensor& p, EnsembleRule rule) {
  switch (rule) {
    case EnsembleRule::mean:
      return p.mean({1});
    case EnsembleRule::product:
      return at::softmax(clamped_log(p).mean({1}), 1);
    case EnsembleRule::vote:
      return (votes(p) + p.mean({1})) / static_cast<double>(p.size(1) + 1);
    case EnsembleRule::stack:
      break;
  }
  throw Error(ErrorKind::failed, "The rule 'stack' is a layer of the network.");
}

at::Tensor disagreement(const at::Tensor& p) { return entropy(p.mean({1})) - entropy(p).mean({1}); }

}  // namespace mien::methods::part_based
