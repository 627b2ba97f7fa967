// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/whole.h"

#include <fmt/core.h>

#include "mien/base/error.h"

namespace mien::methods::ifer {
namespace {

constexpr double kDeviation = 0.02;

void draw_layer(torch::nn::Module& module) {
  if (auto* conv = module.as<torch::nn::Conv2d>()) conv->reset_parameters();
  if (auto* linear = module.as<torch::nn::Linear>()) linear->reset_parameters();
  if (auto* norm = module.as<torch::nn::LayerNorm>()) norm->reset_parameters();
  if (auto* equal = module.as<EqualLinear>()) {
    equal->weight.normal_().div_(equal->options.rate);
    equal->bias.fill_(equal->options.bias);
  }
  if (auto* equal = module.as<EqualConv2d>()) equal->weight.normal_();
  if (auto* modulated = module.as<ModulatedConv2d>()) modulated->weight.normal_();
  if (auto* activation = module.as<BiasedLeakyRelu>()) activation->bias.zero_();
  if (auto* noise = module.as<NoiseInjection>()) noise->weight.zero_();
  if (auto* rgb = module.as<ToRgb>()) rgb->bias.zero_();
  if (auto* reduction = module.as<ReduceSize>()) reduction->alpha.zero_();
}

/// The encoder differs in its linear layers: normal, truncated at a hundred deviations.
void draw_encoder_layer(torch::nn::Module& module, double layer_scale) {
  if (auto* linear = module.as<torch::nn::Linear>()) {
    linear->weight.normal_(0, kDeviation).clamp_(-2, 2);
    if (linear->bias.defined()) linear->bias.zero_();
  }
  if (auto* attention = module.as<WindowAttention>())
    attention->relative_position_bias_table.normal_(0, kDeviation).clamp_(-2, 2);
  if (auto* block = module.as<Block>()) {
    block->gamma1.fill_(layer_scale);
    block->gamma2.fill_(layer_scale);
  }
}

}  // namespace

IferNetImpl::IferNetImpl(const IferConfig& c, std::int64_t num_classes, std::int64_t channels)
    : FerNetImpl(c.encoder_options(), num_classes, c.head),
      use_structure_(c.use_structure),
      start_from_mean_(c.start_from_mean),
      latent_space_(c.latent_space) {
  if (channels != 1 && channels != 3)
    fail_usage(fmt::format("Pictures of {} channels.", channels), "Use a pack of grey or colour pictures.");
  const Sizes sizes = sizes_of(c.preset);
  decoder = register_module("decoder", Generator(sizes.generator));
  dis = register_module("dis", InversionDiscriminator(sizes.generator, sizes.embedding));
  critic = register_module("critic", Critic(sizes.generator));
  latent_avg = register_buffer("latent_avg", torch::zeros({sizes.generator.code}));
}

at::Tensor IferNetImpl::generator_codes(const at::Tensor& codes) const {
  const at::Tensor spread = latent_space_ == LatentSpace::w_plus ? codes : codes.mean(1, true).expand_as(codes);
  return start_from_mean_ ? spread + latent_avg : spread;
}

Inversion IferNetImpl::invert(const at::Tensor& images, Noise noise, EncoderFeatures features, Structure structure) {
  Inversion out;
  out.encoder = feature_model->forward(images, features);
  out.codes = generator_codes(out.encoder.codes);
  out.image = generate(out.codes, structure == Structure::as_configured ? out.encoder.structure : at::Tensor(), noise);
  return out;
}

at::Tensor IferNetImpl::generate(const at::Tensor& codes, const at::Tensor& structure, Noise noise) {
  return decoder->forward(codes, use_structure_ ? structure : at::Tensor(), noise).image;
}

void draw_encoder(Encoder& encoder, double layer_scale) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : encoder->modules()) {
    draw_layer(*module);
    draw_encoder_layer(*module, layer_scale);
  }
}

void draw_weights(IferNet& network, double layer_scale) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : network->modules()) draw_layer(*module);
  draw_encoder(network->feature_model, layer_scale);
  network->decoder->constant.normal_();
  for (auto& noise : network->decoder->noises) noise.normal_();
  network->dis->start_twin();
  network->latent_avg.zero_();
}

at::Tensor in_colour(const at::Tensor& images) {
  return images.size(1) == 3 ? images : images.expand({images.size(0), 3, images.size(2), images.size(3)});
}

}  // namespace mien::methods::ifer
