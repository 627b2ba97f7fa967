// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/encoder.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::ifer {
namespace {

constexpr double kSlope = 0.01;

torch::nn::Conv2d convolution(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2));
}

/// Doubles the map's size, with aligned corners.
at::Tensor doubled(const at::Tensor& x) {
  return at::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, /*align_corners=*/true);
}

template <class Holder>
void register_list(torch::nn::Module& parent, const std::string& name, std::vector<Holder>& items) {
  torch::nn::ModuleList list;
  for (auto& item : items) list->push_back(item);
  parent.register_module(name, list);
}

}  // namespace

PatchEmbedImpl::PatchEmbedImpl(const EncoderSizes& s) {
  proj = register_module("proj", convolution(3, s.dim, 3, s.stem_stride));
  conv_down = register_module("conv_down", ReduceSize(s.dim, s.dim));
}

at::Tensor PatchEmbedImpl::forward(const at::Tensor& x) { return conv_down->forward(to_nhwc(proj->forward(x))); }

LevelImpl::LevelImpl(const EncoderOptions& o, std::size_t level)
    : heads_(o.sizes.heads[level]), window_(o.sizes.windows[level]) {
  const EncoderSizes& s = o.sizes;
  const std::int64_t channels = s.channels(level);
  std::int64_t block = 0;
  for (std::size_t l = 0; l < level; ++l) block += s.depths[l];
  const auto last = static_cast<double>(s.num_blocks() - 1);
  for (std::int64_t i = 0; i < s.depths[level]; ++i) {
    const Attention kind = i % 2 == 0 ? Attention::local : Attention::global;
    blocks.push_back(Block(BlockOptions{
        {channels, heads_, window_, kind}, o.layer_scale, o.drop_path * static_cast<double>(block + i) / last}));
  }
  register_list(*this, "blocks", blocks);
  for (std::int64_t side = s.side(level); side > window_; side /= 2)
    to_q_global.push_back(FeatureExtraction(channels, /*keep=*/false));
  if (to_q_global.empty()) to_q_global.push_back(FeatureExtraction(channels, /*keep=*/true));
  register_list(*this, "to_q_global", to_q_global);
  if (level + 1 < s.depths.size()) downsample = register_module("downsample", ReduceSize(channels, 2 * channels));
}

LevelOutput LevelImpl::forward(const at::Tensor& in, GlobalQuery layout) {
  const std::int64_t height = in.size(1), width = in.size(2), channels = in.size(3);
  // The reference reads the channels-last memory as a channels-first map.
  at::Tensor q = layout == GlobalQuery::corrected ? to_nchw(in) : in.contiguous().view({-1, channels, height, width});
  for (auto& extraction : to_q_global) q = extraction->forward(q);
  const at::Tensor queries = lay_out_queries(q, (height / window_) * (width / window_), heads_, layout);
  at::Tensor x = in;
  for (auto& block : blocks) x = block->forward(x, queries);
  return {downsample.is_empty() ? x : downsample->forward(x), q};
}

EncoderImpl::EncoderImpl(const EncoderOptions& o) : options_(o) {
  const EncoderSizes& s = o.sizes;
  patch_embed = register_module("patch_embed", PatchEmbed(s));
  for (std::size_t level = 0; level < s.depths.size(); ++level) levels.push_back(Level(o, level));
  register_list(*this, "levels", levels);
  const std::int64_t deepest = s.channels(s.depths.size() - 1), code = s.code();
  last_block = register_module("last_block", convolution(deepest, code, 3, s.structure_stride));
  for (std::size_t i = 0; i < 3; ++i) convs.push_back(convolution(s.channels(i), code, 1, 1));
  register_list(*this, "convs", convs);
  latlayer1 = register_module("latlayer1", convolution(s.channels(1), code, 1, 1));
  latlayer2 = register_module("latlayer2", convolution(s.channels(0), code, 1, 1));
  for (std::size_t group = 0; group < 3; ++group)
    for (std::int64_t i = 0; i < s.style_heads[group]; ++i)
      styles.push_back(StyleHead(StyleHeadOptions{code, s.side(2 - group), s.style_window, o.style_head}));
  register_list(*this, "styles", styles);
  register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({deepest})));
  if (s.classifier) register_module("head", torch::nn::Linear(deepest, 1000));
}

EncoderOutput EncoderImpl::forward(const at::Tensor& images, EncoderFeatures features) {
  const EncoderSizes& s = options_.sizes;
  check_input(images.dim() == 4 && images.size(1) == 3 && images.size(2) == s.image && images.size(3) == s.image,
              fmt::format("Pictures of shape {} for an encoder of (B,3,{},{}).", nn::shape_text(images.sizes()),
                          s.image, s.image),
              fmt::format("Set input.size to {}.", s.image));
  EncoderOutput out;
  at::Tensor x = patch_embed->forward(images);
  for (auto& level : levels) {
    out.levels.push_back(to_nchw(x));
    const LevelOutput result = level->forward(x, options_.global_query);
    out.queries.push_back(result.queries);
    x = result.map;
  }
  out.structure = last_block->forward(to_nchw(x));
  const at::Tensor& c3 = out.levels[2];
  const at::Tensor p2 = doubled(c3) + latlayer1->forward(out.levels[1]);
  const at::Tensor p1 = doubled(p2) + latlayer2->forward(out.levels[0]);
  const std::vector<at::Tensor> pyramid{c3, p2, p1};
  std::vector<at::Tensor> codes;
  for (std::size_t group = 0; group < 3; ++group)
    for (std::int64_t i = 0; i < s.style_heads[group]; ++i)
      codes.push_back(styles[codes.size()]->forward(pyramid[group]));
  out.codes = at::stack(codes, 1);
  if (features == EncoderFeatures::all)
    for (std::size_t i = 0; i < 3; ++i)
      out.features.push_back(at::leaky_relu(convs[i]->forward(out.levels[i]), kSlope));
  return out;
}

}  // namespace mien::methods::ifer
