// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/scan_cci/deploy_outputs.h"

namespace mien::methods::scan_cci {
namespace {

/// (B,C,g·h,g·w) → (B,g²,C,h·w), regions row-major.
at::Tensor split_regions(const at::Tensor& map, std::int64_t grid) {
  const std::int64_t h = map.size(2) / grid, w = map.size(3) / grid;
  return map.unflatten(3, {grid, w}).unflatten(2, {grid, h}).permute({0, 2, 4, 1, 3, 5}).flatten(4).flatten(1, 2);
}

/// (B,g²,K,h·w) → (B,K,g·h,g·w)
at::Tensor join_regions(const at::Tensor& regions, std::int64_t grid, std::int64_t height, std::int64_t width) {
  const at::Tensor cells = regions.unflatten(3, {height / grid, width / grid}).unflatten(1, {grid, grid});
  return cells.permute({0, 3, 1, 4, 2, 5}).flatten(4, 5).flatten(2, 3);
}

std::int64_t num_heads(const ScanCciOutput& out) {
  return (out.context.logits.defined() ? out.context.logits.size(1) : 0) + (out.attention.logits.defined() ? 1 : 0);
}

/// For each patch, written to its cells: the share of channels in which it has the largest mean. (B,1,side,side)
at::Tensor winners(const AttentionOutput& attention, const at::Tensor& f2, const ScanCciConfig& config) {
  const at::Tensor best = attention.patch_gap.amax({1}, /*keepdim=*/true);
  const at::Tensor share = (attention.patch_gap == best).to(at::kFloat).mean({2});  // (B,P)
  const std::vector<at::Tensor> shapes = partition(f2.narrow(1, 0, 1), config.window, BottomStrip::windows);
  std::vector<at::Tensor> cells;
  for (std::size_t k = 0; k < shapes.size(); ++k)
    cells.push_back(at::zeros_like(shapes[k]) +
                    share.narrow(1, static_cast<std::int64_t>(k), 1).unsqueeze(-1).unsqueeze(-1));
  return tile(cells, f2.size(2), config.window);
}

}  // namespace

at::Tensor context_maps(const ScanCciNetImpl& network, const ScanCciOutput& out) {
  const ContextBranchImpl& branch = *network.region;
  const ContextOutput& context = out.context;
  const at::Tensor& f3 = out.base.f3;
  const at::Tensor& first = branch.region_net->ptr(0)->as<torch::nn::Linear>()->weight;   // (hidden,C)
  const at::Tensor& second = branch.region_net->ptr(2)->as<torch::nn::Linear>()->weight;  // (K,hidden)
  const std::int64_t grid = branch.grid();
  const auto regions = static_cast<double>(grid * grid), cells = static_cast<double>(f3.size(2) * f3.size(3));
  const auto heads = static_cast<double>(num_heads(out));
  const at::Tensor open = (context.hidden > 0).to(f3.scalar_type()).unsqueeze(2);  // (B,R,1,hidden)
  at::Tensor to_region = at::matmul(open * second, first) / heads;                 // (B,R,K,C): by the region's vector
  at::Tensor through_weights;                                                      // (B,K,C): by the mean of the map
  if (context.channel_weights.defined()) {
    const at::Tensor& gate = context.channel_weights;
    const at::Tensor slope = (to_region * context.pooled.unsqueeze(2)).sum(1) * (gate * (1 - gate)).unsqueeze(1);
    const at::Tensor& kernel = branch.eca->conv->weight;
    const at::Tensor backwards = kernel.index_select(2, at::arange(kernel.size(2) - 1, -1, -1, at::kLong));
    through_weights =
        at::conv1d(slope.flatten(0, 1).unsqueeze(1), backwards, {}, {1}, {kernel.size(2) / 2}).view_as(slope);
    to_region = to_region * gate.unsqueeze(1).unsqueeze(1);
  }
  at::Tensor maps =
      join_regions(at::matmul(to_region * (regions / cells), split_regions(f3, grid)), grid, f3.size(2), f3.size(3));
  if (through_weights.defined())
    maps = maps + at::matmul(through_weights / cells, f3.flatten(2)).unflatten(2, {f3.size(2), f3.size(3)});
  return maps;
}

std::vector<method::DeployOutput> deploy_outputs(const ScanCciNetImpl& network, const ScanCciOutput& out,
                                                 std::int64_t side) {
  const ScanCciConfig& config = network.config();
  std::vector<method::DeployOutput> outputs{{{face::kLogits, method::kLogitsMeaning, "real"}, out.logits}};
  const auto add_map = [&](const char* name, const char* meaning, const char* range, const at::Tensor& map) {
    const float stride = static_cast<float>(side) / static_cast<float>(map.size(3));
    outputs.push_back({{name, meaning, range, stride, (stride - 1) / 2}, map});
  };
  std::vector<at::Tensor> heads;
  if (out.context.logits.defined()) {
    add_map(face::kClassMaps,
            "Grad-CAM of each class at the third stage, in the card's class order, signed: contribution of each cell "
            "to the regions' share of the logits",
            "real, logits", context_maps(network, out));
    heads.push_back(out.context.logits);
  }
  if (out.attention.logits.defined()) {
    heads.insert(heads.begin(), out.attention.logits.unsqueeze(1));
    if (out.attention.global_mask.defined())
      add_map("global_mask", "attention on the whole map, averaged over the channels", "0..1",
              out.attention.global_mask.mean(1, true).expand({-1, 1, out.base.f2.size(2), out.base.f2.size(3)}));
    if (config.unit == Unit::spatio_channel && config.bottom_strip == BottomStrip::windows &&
        !out.attention.local_masks.empty()) {
      std::vector<at::Tensor> means;
      for (const at::Tensor& mask : out.attention.local_masks) means.push_back(mask.mean(1, /*keepdim=*/true));
      add_map("local_mask", "attention on each patch, averaged over the channels", "0..1",
              tile(means, out.base.f2.size(2), config.window));
    }
    if (config.local)
      add_map("winning_patches",
              "share of the channels in which a patch has the largest mean; 0 if the patch was ignored", "0..1",
              winners(out.attention, out.base.f2, config));
  }
  if (heads.size() > 0)
    outputs.push_back({{"head_logits",
                        "logits of each head (row) for each class: first the attention branch, then the regions; shows "
                        "how far the heads agree",
                        "real, logits"},
                       at::cat(heads, 1)});
  if (out.context.channel_weights.defined())
    outputs.push_back(
        {{"channel_weights", "efficient channel attention: weight of each channel of the third stage", "0..1"},
         out.context.channel_weights});
  return outputs;
}

}  // namespace mien::methods::scan_cci
