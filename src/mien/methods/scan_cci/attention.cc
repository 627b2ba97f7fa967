// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/scan_cci/attention.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/nn/group.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::scan_cci {
namespace {

at::Tensor weight_of(const ScanUnit& unit, std::size_t part) {
  return part == 0 ? unit->attention->ptr(0)->as<torch::nn::Conv2d>()->weight
                   : unit->attention->ptr(1)->as<torch::nn::PReLU>()->weight;
}

/// The masks of equal patches, each with its own unit, in one grouped convolution (inference mode, card section 7).
std::vector<at::Tensor> grouped_masks(const std::vector<at::Tensor>& patches, const std::vector<ScanUnit>& units) {
  std::vector<at::Tensor> kernels, slopes, gains, biases, means, variances;
  for (const ScanUnit& unit : units) {
    const auto& norm = *unit->attention->ptr(2)->as<torch::nn::BatchNorm2d>();
    kernels.push_back(weight_of(unit, 0));
    slopes.push_back(weight_of(unit, 1));
    gains.push_back(norm.weight);
    biases.push_back(norm.bias);
    means.push_back(norm.running_mean);
    variances.push_back(norm.running_var);
  }
  const auto count = static_cast<std::int64_t>(units.size());
  at::Tensor x = at::conv2d(at::cat(patches, 1), at::cat(kernels), {}, {1, 1}, {1, 1}, {1, 1}, count);
  x = at::prelu(x, at::cat(slopes));
  x = at::batch_norm(x, at::cat(gains), at::cat(biases), at::cat(means), at::cat(variances), /*training=*/false, 0.1,
                     1e-5, /*cudnn_enabled=*/true);
  const at::Tensor masks = at::sigmoid(x);
  const std::int64_t channels = patches.front().size(1);
  std::vector<at::Tensor> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(masks.narrow(1, i * channels, channels));
  return out;
}

/// First index after the patches of the same size as patch `begin`.
std::size_t run_end(const std::vector<at::Tensor>& patches, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < patches.size() && patches[end].size(2) == patches[begin].size(2) &&
         patches[end].size(3) == patches[begin].size(3))
    ++end;
  return end;
}

}  // namespace

std::int64_t num_patches(std::int64_t side, std::int64_t window) {
  const std::int64_t n = side / window;
  return side % window == 0 ? n * n : n * n + 2 * n + 1;
}

std::vector<at::Tensor> partition(const at::Tensor& map, std::int64_t window, BottomStrip bottom) {
  const std::int64_t side = map.size(2), n = side / window, whole = n * window, rest = side - whole;
  check_input(map.size(3) == side && n > 0,
              fmt::format("SCAN needs square maps of at least {} cells, got {}.", window, nn::shape_text(map.sizes())),
              "Use square pictures, larger ones, or a smaller model.window.");
  std::vector<at::Tensor> patches;
  const auto cut = [&](std::int64_t row, std::int64_t height, std::int64_t column, std::int64_t width) {
    patches.push_back(map.narrow(2, row, height).narrow(3, column, width));
  };
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j) cut(i * window, window, j * window, window);
  if (rest == 0) return patches;
  for (std::int64_t i = 0; i < n; ++i) cut(i * window, window, whole, rest);
  if (bottom == BottomStrip::reference) {
    check_input(rest == n,
                fmt::format("The reference's bottom strip needs a map of side {}, got {}.", window * n + n, side),
                "Set model.bottom_strip = 'windows'.");
    for (std::int64_t j = 0; j < n; ++j)
      patches.push_back(map.select(2, whole + j).narrow(2, 0, whole).unflatten(2, {rest, window}));
  } else {
    for (std::int64_t j = 0; j < n; ++j) cut(whole, rest, j * window, window);
  }
  cut(whole, rest, whole, rest);
  return patches;
}

at::Tensor tile(const std::vector<at::Tensor>& patches, std::int64_t side, std::int64_t window) {
  const auto n = static_cast<std::size_t>(side / window);
  const bool has_rest = side % window != 0;
  std::vector<at::Tensor> rows;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<at::Tensor> row(patches.begin() + static_cast<std::ptrdiff_t>(i * n),
                                patches.begin() + static_cast<std::ptrdiff_t>((i + 1) * n));
    if (has_rest) row.push_back(patches[n * n + i]);
    rows.push_back(at::cat(row, 3));
  }
  if (has_rest) {
    std::vector<at::Tensor> row(patches.begin() + static_cast<std::ptrdiff_t>(n * n + n), patches.end());
    rows.push_back(at::cat(row, 3));
  }
  return at::cat(rows, 2);
}

ScanUnitImpl::ScanUnitImpl(std::int64_t channels, Unit unit) : unit_(unit) {
  attention = register_module(
      "attention",
      torch::nn::Sequential(torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, channels, 3).padding(1).bias(false)),
                            torch::nn::PReLU(torch::nn::PReLUOptions().num_parameters(channels)),
                            torch::nn::BatchNorm2d(channels)));
}

at::Tensor ScanUnitImpl::forward(const at::Tensor& x) {
  at::Tensor score = attention->forward(unit_ == Unit::channel ? x.mean({2, 3}, /*keepdim=*/true) : x);
  if (unit_ == Unit::spatial) score = score.mean(1, /*keepdim=*/true);
  return at::sigmoid(score);
}

AttentionBranchImpl::AttentionBranchImpl(const ScanCciConfig& c, std::int64_t channels, std::int64_t side,
                                         std::int64_t num_classes)
    : config_(c) {
  if (c.local && c.unit != Unit::none) {
    if (c.shared) {
      local_units.push_back(register_module("local_attention_masks", ScanUnit(channels, c.unit)));
    } else {
      nn::Group group = register_module("local_attention_masks", nn::Group());
      for (std::int64_t k = 0; k < num_patches(side, c.window); ++k)
        local_units.push_back(group->add(std::to_string(k), ScanUnit(channels, c.unit)));
    }
  }
  if (c.global && c.unit != Unit::none)
    global_unit = register_module("global_attention_mask", ScanUnit(channels, c.unit));
  const std::int64_t parts = (c.local ? 1 : 0) + (c.global ? 1 : 0);
  fc = register_module("fc", torch::nn::Linear(parts * channels, num_classes));
}

std::vector<at::Tensor> AttentionBranchImpl::masks_of(const std::vector<at::Tensor>& patches) {
  if (local_units.empty()) return {};
  std::vector<at::Tensor> masks;
  const bool is_own = local_units.size() > 1;
  check_input(!is_own || local_units.size() == patches.size(),
              fmt::format("The network has attention units for {} patches, but this picture has {}.",
                          local_units.size(), patches.size()),
              "Use the input size that the network was built for, or model.shared = true.");
  if (is_training() || !is_own || config_.unit != Unit::spatio_channel) {
    for (std::size_t k = 0; k < patches.size(); ++k) masks.push_back(local_units[is_own ? k : 0]->forward(patches[k]));
    return masks;
  }
  for (std::size_t begin = 0; begin < patches.size();) {
    const auto end = static_cast<std::ptrdiff_t>(run_end(patches, begin)), first = static_cast<std::ptrdiff_t>(begin);
    for (const at::Tensor& mask : grouped_masks({patches.begin() + first, patches.begin() + end},
                                                {local_units.begin() + first, local_units.begin() + end}))
      masks.push_back(mask);
    begin = static_cast<std::size_t>(end);
  }
  return masks;
}

AttentionOutput AttentionBranchImpl::forward(const at::Tensor& f2) {
  AttentionOutput out;
  std::vector<at::Tensor> parts;
  if (config_.local) {
    const std::vector<at::Tensor> patches = partition(f2, config_.window, config_.bottom_strip);
    out.local_masks = masks_of(patches);
    std::vector<at::Tensor> means;
    for (std::size_t k = 0; k < patches.size(); ++k)
      means.push_back((out.local_masks.empty() ? patches[k] : patches[k] * out.local_masks[k]).mean({2, 3}));
    out.patch_gap = at::stack(means, 1);
    out.local = config_.pool == Pool::max ? out.patch_gap.amax({1}) : out.patch_gap.mean({1});
    parts.push_back(out.local);
  }
  if (config_.global) {
    if (!global_unit.is_empty()) out.global_mask = global_unit->forward(f2);
    out.global = (out.global_mask.defined() ? f2 * out.global_mask : f2).mean({2, 3});
    parts.push_back(out.global);
  }
  const at::Tensor joined = at::cat(parts, 1);
  out.combined = joined / joined.square().sum(1, /*keepdim=*/true).sqrt().clamp_min(1e-12);
  out.logits = fc->forward(out.combined);
  return out;
}

}  // namespace mien::methods::scan_cci
