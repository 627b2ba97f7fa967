// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/fold.h"

#include "mien/nn/class_activation.h"

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
  merged.weight =
      merged.weight + at::constant_pad_nd(row.weight, {0, 0, 1, 1}) + at::constant_pad_nd(column.weight, {1, 1, 0, 0});
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
    ChannelWeights unit;
    if (!head->sa.is_empty()) {
      folded.reduce = fold_pair(head->sa->conv1x1);
      folded.branches = merge_branches(*head->sa);
    }
    if (!head->ca.is_empty()) {
      auto& attention = head->ca->attention;
      unit.squeeze = nn::fold(*attention[0]->as<torch::nn::Linear>(), *attention[1]->as<torch::nn::BatchNorm1d>());
      unit.excite = copy_of(*attention[3]->as<torch::nn::Linear>());
    }
    heads_.push_back(std::move(folded));
    units_.push_back(std::move(unit));
  }
  classifier_ = network->bn.is_empty() ? copy_of(*network->fc) : nn::fold(*network->fc, *network->bn);
}

HeadTrace FoldedDan::run_head(const Head& head, const ChannelWeights& unit, const at::Tensor& x) const {
  HeadTrace trace;
  at::Tensor attended = x;
  if (head.reduce.weight.defined()) {
    const at::Tensor u = at::conv2d(x, head.reduce.weight, head.reduce.bias);
    trace.map = at::sum(at::relu(at::conv2d(u, head.branches.weight, head.branches.bias, {1, 1}, {1, 1})), {1},
                        /*keepdim=*/true);
    attended = x * trace.map;
  }
  trace.vector = trace.pooled = attended.mean({2, 3});
  if (!unit.squeeze.weight.defined()) return trace;
  trace.hidden = at::relu(at::linear(trace.pooled, unit.squeeze.weight, unit.squeeze.bias));
  trace.gate = at::sigmoid(at::linear(trace.hidden, unit.excite.weight, unit.excite.bias));
  trace.vector = trace.pooled * trace.gate;
  return trace;
}

std::vector<at::Tensor> FoldedDan::forward(const at::Tensor& images) const {
  const at::Tensor x = backbone_.forward(images);
  if (heads_.empty())
    return {at::linear(x.mean({2, 3}), classifier_.weight, classifier_.bias),
            nn::class_activation(x, classifier_.weight)};
  std::vector<HeadTrace> traces;
  std::vector<at::Tensor> vectors, maps;
  for (std::size_t j = 0; j < heads_.size(); ++j) {
    traces.push_back(run_head(heads_[j], units_[j], x));
    vectors.push_back(traces.back().vector);
    if (traces.back().map.defined()) maps.push_back(traces.back().map);
  }
  const at::Tensor fused = fuse(at::stack(vectors, 1), log_softmax_fusion_).sum(1);
  const at::Tensor by_head = head_class_maps(x, traces, units_, classifier_.weight, log_softmax_fusion_);
  std::vector<at::Tensor> out{at::linear(fused, classifier_.weight, classifier_.bias), by_head.sum(1), by_head};
  if (!maps.empty()) out.push_back(at::cat(maps, 1));
  return out;
}

std::vector<face::OutputSpec> FoldedDan::outputs() const {
  const float stride = nn::kResNetCellStride, first = nn::kResNetCellFirst;
  std::vector<face::OutputSpec> out{{"logits", "class logits before softmax, in the card's class order", "real"}};
  if (heads_.empty()) {
    out.push_back({"class_maps", nn::kClassActivationMeaning, "real, logits", stride, first});
    return out;
  }
  out.push_back(
      {"class_maps",
       "class activation of each class, in the card's class order: Grad-CAM at the attended features of the heads, "
       "summed over the heads, times the number of cells, signed",
       "real, logits", stride, first});
  out.push_back({"head_class_maps", "the same of each head, by head and class; their sum over the heads is class_maps",
                 "real, logits", stride, first});
  if (has_maps())
    out.push_back({"head_maps", "spatial attention of each head over the feature map, row-major", ">= 0, unbounded",
                   stride, first});
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
    put(head + ".ca.squeeze", units_[i].squeeze);
    put(head + ".ca.excite", units_[i].excite);
  }
  put("fc", classifier_);
  return out;
}

}  // namespace mien::methods::dan
