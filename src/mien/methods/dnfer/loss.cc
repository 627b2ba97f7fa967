// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dnfer/loss.h"

#include <cmath>

namespace mien::methods::dnfer {

at::Tensor probabilities(const at::Tensor& logits) {
  return at::softmax(logits.detach().to(at::kFloat), 1).clamp(1e-8, 1 - 1e-8);
}

at::Tensor batch_thresholds(const at::Tensor& p) { return p.mean(0); }

at::Tensor clean_mask(const at::Tensor& p, const at::Tensor& labels, const at::Tensor& thresholds) {
  return p.gather(1, labels.unsqueeze(1)).squeeze(1) >= thresholds.index_select(0, labels);
}

at::Tensor clean_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& clean) {
  const at::Tensor each = at::nll_loss(at::log_softmax(logits.to(at::kFloat), 1), labels, {}, at::Reduction::None);
  const at::Tensor share = clean.to(at::kFloat), count = share.sum();
  // No branch on the data: if none is clean, all count.
  const at::Tensor weight = at::where(count > 0, share, at::ones_like(share));
  return (each * weight).sum() / weight.sum();
}

at::Tensor symmetric_kl(const at::Tensor& a, const at::Tensor& b, double base) {
  const at::Tensor log_p = at::log_softmax(a.to(at::kFloat), 1), log_q = at::log_softmax(b.to(at::kFloat), 1);
  return ((log_p.exp() - log_q.exp()) * (log_p - log_q)).sum(1).mean() / std::log(base);
}

at::Tensor jensen_shannon(const at::Tensor& a, const at::Tensor& b, double base) {
  const at::Tensor log_p = at::log_softmax(a.to(at::kFloat), 1), log_q = at::log_softmax(b.to(at::kFloat), 1);
  const at::Tensor log_m = at::logaddexp(log_p, log_q) - std::log(2.0);
  return (log_p.exp() * (log_p - log_m) + log_q.exp() * (log_q - log_m)).sum(1).mean() / (2 * std::log(base));
}

Selection select(const DnferConfig& c, const at::Tensor& p, const at::Tensor& labels, const at::Tensor& dynamic) {
  if (c.select == Select::none) return {p, at::zeros_like(dynamic), at::ones_like(labels, at::kBool)};
  const at::Tensor thresholds = c.select == Select::fixed ? at::full_like(dynamic, c.fixed_threshold) : dynamic;
  return {p, thresholds, clean_mask(p, labels, thresholds)};
}

DnferLosses compute_losses(const DnferConfig& c, const at::Tensor& weak, const at::Tensor& strong,
                           const at::Tensor& labels, const Selection& of_weak, const Selection& of_strong, bool warm) {
  const at::Tensor all = at::ones_like(labels, at::kBool);
  DnferLosses r;
  r.supervised_weak = clean_cross_entropy(weak, labels, warm ? all : of_weak.clean);
  if (!strong.defined()) {
    r.supervised = r.supervised_weak;
    r.consistency = at::zeros({}, r.supervised.options().requires_grad(false));
    return r;
  }
  const at::Tensor& clean_strong = c.mask == Mask::weak ? of_weak.clean : of_strong.clean;
  r.supervised_strong = clean_cross_entropy(strong, labels, warm ? all : clean_strong);
  r.supervised = (r.supervised_weak + r.supervised_strong) / 2;
  const double base = c.log_base == LogBase::two ? 2 : std::exp(1.0);
  r.consistency = c.consistency == Consistency::jensen_shannon ? jensen_shannon(weak, strong, base)
                                                               : symmetric_kl(weak, strong, base);
  return r;
}

}  // namespace mien::methods::dnfer
