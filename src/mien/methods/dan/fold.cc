// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/fold.h"

namespace mien::methods::dan {
namespace {

nn::Folded fold_pair(torch::nn::Sequential pair) {
  return nn::fold(*pair[0]->as<torch::nn::Conv2d>(), *pair[1]->as<torch::nn::BatchNorm2d>());
}

/// One 3×3 kernel: the 1×3 kernel lies in its middle row, the 3×1 kernel in its middle column.
nn::Folded merge_branches(const SpatialUnitImpl& unit) {
  const torch::NoGradGuard no_grad;
  nn::Folded merged = fold_pair(unit.conv_3x3);
  const nn::Folded row = fold_pair(unit.conv_1x3), column = fold_pair(unit.conv_3x1);
  merged.weight = merged.weight + at::constant_pad_nd(row.weight, {0, 0, 1, 1}) + at::constant_pad_nd(column.weight, {1, 1, 0, 0});
  merged.bias = merged.bias + row.bias + column.bias;
  return merged;
}

nn::Folded copy_of(const torch::nn::LinearImpl& linear) {
  return {linear.weight.detach().clone(), linear.bias.detach().clone()};
}

}  // namespace

FoldedDan::FoldedDan(DanNet network) : backbone_(network->features), log_softmax_fusion_(network->log_softmax_fusion) {
  const torch::NoGradGuard no_grad;
  for (auto& head : network->heads) {
    Head folded;
    if (!head->sa.is_empty()) {
      folded.reduce = fold_pair(head->sa->conv1x1);
      folded.branches = merge_branches(*head->sa);
    }
    if (!head->ca.is_empty()) {
      auto& attention = head->ca->attention;
      folded.squeeze = nn::fold(*attention[0]->as<torch::nn::Linear>(), *attention[1]->as<torch::nn::BatchNorm1d>());
      folded.excite = copy_of(*attention[3]->as<torch::nn::Linear>());
    }
    heads_.push_back(std::move(folded));
  }
  classifier_ = network->bn.is_empty() ? copy_of(*network->fc) : nn::fold(*network->fc, *network->bn);
}

at::Tensor FoldedDan::run_head(const Head& head, const at::Tensor& x, at::Tensor& map) const {
  at::Tensor attended = x;
  if (head.reduce.weight.defined()) {
    const at::Tensor u = at::conv2d(x, head.reduce.weight, head.reduce.bias);
    map = at::sum(at::relu(at::conv2d(u, head.branches.weight, head.branches.bias, {1, 1}, {1, 1})), {1}, /*keepdim=*/true);
    attended = x * map;
  }
  const at::Tensor pooled = attended.mean({2, 3});
  if (!head.squeeze.weight.defined()) return pooled;
  const at::Tensor hidden = at::relu(at::linear(pooled, head.squeeze.weight, head.squeeze.bias));
  return pooled * at::sigmoid(at::linear(hidden, head.excite.weight, head.excite.bias));
}

std::vector<at::Tensor> FoldedDan::forward(const at::Tensor& images) const {
  const at::Tensor x = backbone_.forward(images);
  if (heads_.empty()) return {at::linear(x.mean({2, 3}), classifier_.weight, classifier_.bias)};
  std::vector<at::Tensor> vectors, maps;
  for (const auto& head : heads_) {
    at::Tensor map;
    vectors.push_back(run_head(head, x, map));
    if (map.defined()) maps.push_back(map);
  }
  const at::Tensor fused = fuse(at::stack(vectors, 1), log_softmax_fusion_).sum(1);
  std::vector<at::Tensor> out{at::linear(fused, classifier_.weight, classifier_.bias)};
  if (!maps.empty()) out.push_back(at::cat(maps, 1));
  return out;
}

std::vector<std::pair<std::string, at::Tensor>> FoldedDan::weights() const {
  auto out = backbone_.weights("features.");
  auto put = [&](const std::string& name, const nn::Folded& f) {
    if (!f.weight.defined()) return;
    out.emplace_back(name + ".weight", f.weight);
    out.emplace_back(name + ".bias", f.bias);
  };
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    const std::string head = "cat_head" + std::to_string(i);
    put(head + ".sa.conv1x1", heads_[i].reduce);
    put(head + ".sa.branches", heads_[i].branches);
    put(head + ".ca.squeeze", heads_[i].squeeze);
    put(head + ".ca.excite", heads_[i].excite);
  }
  put("fc", classifier_);
  return out;
}

}  // namespace mien::methods::dan
