// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/generator.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::ifer {
namespace {

constexpr double kMappingRate = 0.01;
/// The features are the maps after convs.3, convs.5 and convs.7.
constexpr std::size_t kFirstFeature = 3, kFeatures = 3;

/// A submodule that only provides the keys of its tensors.
torch::nn::Module& holder(torch::nn::Module& parent, const std::string& name) {
  return *parent.register_module(name, std::make_shared<torch::nn::Module>(name));
}

}  // namespace

GeneratorImpl::GeneratorImpl(const GeneratorSizes& s) : sizes_(s) {
  torch::nn::Module& style = holder(*this, "style");
  for (std::int64_t i = 0; i < s.mapping_layers; ++i)
    mapping.push_back(style.register_module(
        std::to_string(i + 1),
        EqualLinear(EqualLinearOptions{s.code, s.code, kMappingRate, 0, Activation::fused_leaky_relu})));
  constant = holder(*this, "input").register_parameter("input", torch::randn({1, s.channels[0], 4, 4}));
  conv1 = register_module("conv1", StyledConv(s.channels[0], s.channels[0], s.code, false));
  to_rgb1 = register_module("to_rgb1", ToRgb(s.channels[0], s.code, false));
  torch::nn::Module& conv_list = holder(*this, "convs");
  torch::nn::Module& rgb_list = holder(*this, "to_rgbs");
  torch::nn::Module& noise_list = holder(*this, "noises");
  const auto add_noise = [&](std::int64_t side) {
    noises.push_back(
        noise_list.register_buffer("noise_" + std::to_string(noises.size()), torch::randn({1, 1, side, side})));
  };
  add_noise(4);
  for (std::size_t level = 1; level < s.channels.size(); ++level) {
    for (const bool upsample : {true, false}) {
      const std::int64_t in = s.channels[upsample ? level - 1 : level];
      convs.push_back(
          conv_list.register_module(std::to_string(convs.size()), StyledConv(in, s.channels[level], s.code, upsample)));
      add_noise(std::int64_t{4} << level);
    }
    to_rgbs.push_back(rgb_list.register_module(std::to_string(to_rgbs.size()), ToRgb(s.channels[level], s.code, true)));
  }
}

at::Tensor GeneratorImpl::map(const at::Tensor& z) {
  at::Tensor w = pixel_norm(z);
  for (auto& layer : mapping) w = layer->forward(w);
  return w;
}

GeneratorOutput GeneratorImpl::forward(const at::Tensor& codes, const at::Tensor& structure, Noise noise) {
  check_input(
      codes.dim() == 3 && codes.size(1) == sizes_.num_codes(),
      fmt::format("Codes of shape {} for a generator of {} codes.", nn::shape_text(codes.sizes()), sizes_.num_codes()));
  const auto code = [&](std::size_t i) { return codes.select(1, static_cast<std::int64_t>(i)); };
  at::Tensor x = structure.defined() ? structure : constant.expand({codes.size(0), -1, -1, -1});
  x = conv1->forward(x, code(0), noise, noises[0]);
  GeneratorOutput out;
  out.image = to_rgb1->forward(x, code(1), {});
  for (std::size_t i = 0; i < convs.size(); ++i) {
    x = convs[i]->forward(x, code(i + 1), noise, noises[i + 1]);
    if (i % 2 == 0) continue;
    if (i >= kFirstFeature && out.features.size() < kFeatures) out.features.push_back(x);
    out.image = to_rgbs[i / 2]->forward(x, code(i + 2), out.image);
  }
  std::reverse(out.features.begin(), out.features.end());
  return out;
}

void GeneratorImpl::set_form(nn::Modulation form) {
  for (const auto& module : modules())
    if (auto* conv = module->as<ModulatedConv2dImpl>()) conv->form = form;
}

at::Tensor repeat_code(const at::Tensor& w, std::int64_t num_codes) {
  return w.unsqueeze(1).expand({w.size(0), num_codes, w.size(1)});
}

at::Tensor mix_codes(const at::Tensor& first, const at::Tensor& second, std::int64_t from) {
  return at::cat({first.narrow(1, 0, from), second.narrow(1, from, second.size(1) - from)}, 1);
}

at::Tensor truncate(const at::Tensor& codes, const at::Tensor& centre, double strength) {
  return centre + strength * (codes - centre);
}

at::Tensor mean_code(Generator& generator, std::int64_t count) {
  const torch::NoGradGuard no_grad;
  constexpr std::int64_t kChunk = 4096;
  const std::int64_t width = generator->sizes().code;
  at::Tensor sum = torch::zeros({width}, generator->constant.options().dtype(at::kDouble));
  for (std::int64_t done = 0; done < count; done += kChunk) {
    const at::Tensor z = torch::randn({std::min(kChunk, count - done), width}, generator->constant.options());
    sum += generator->map(z).sum(0);
  }
  return (sum / count).to(generator->constant.scalar_type());
}

}  // namespace mien::methods::ifer
