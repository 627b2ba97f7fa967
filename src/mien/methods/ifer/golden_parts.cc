// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/golden_parts.h"

#include "mien/methods/ifer/golden_fill.h"
#include "mien/methods/ifer/loss.h"
#include "mien/nn/cross_entropy.h"
#include "mien/nn/state.h"

namespace mien::methods::ifer::golden_parts {

EncoderOptions encoder_options(const EncoderSizes& sizes) {
  EncoderOptions options;
  options.sizes = sizes;
  options.drop_path = 0;
  return options;
}

Networks::Networks(const std::string& salt, const Sizes& s)
    : sizes(s),
      encoder(encoder_options(s.encoder)),
      generator(s.generator),
      discriminator(s.generator, s.embedding),
      critic(s.generator),
      lpips(Lpips()),
      identity(s.face_rows, s.face_columns),
      fer(encoder_options(s.encoder), 7, FerHead::modulated) {
  fill_golden(*encoder, salt, "encoder.");
  fill_golden(*generator, salt, "decoder.");
  fill_golden(*discriminator, salt, "dis.");
  fill_golden(*critic, salt, "critic.");
  fill_golden(*lpips, salt, "lpips.");
  fill_golden(*identity, salt, "id.");
  fill_golden(*fer, salt, "");
}

void Networks::to_float64() {
  for (torch::nn::Module* module : std::vector<torch::nn::Module*>{encoder.get(), generator.get(), discriminator.get(),
                                                                   critic.get(), lpips.get(), identity.get()}) {
    for (auto& parameter : module->parameters()) parameter.set_data(parameter.to(at::kDouble));
    for (auto& buffer : module->buffers())
      if (buffer.is_floating_point()) buffer.set_data(buffer.to(at::kDouble));  // others are indices
  }
}

at::Tensor exact_norm(const at::Tensor& x) { return x.detach().to(at::kDouble).norm(); }

at::Tensor picture_norms(const std::vector<at::Tensor>& maps) {
  std::vector<at::Tensor> out;
  for (const auto& map : maps) out.push_back(map.detach().to(at::kDouble).flatten(1).norm(2, {1}));
  return at::stack(out);
}

void add_gradient_norms(torch::nn::Module& module, const std::string& name, const std::string& prefix,
                        method::GoldenScribe& scribe) {
  for (const auto& p : module.named_parameters())
    if (p.value().grad().defined()) scribe.gradient(name + "." + prefix + p.key(), exact_norm(p.value().grad()));
}

void generator_alone(Networks& n, method::GoldenScribe& scribe) {
  const torch::NoGradGuard no_grad;
  const std::int64_t codes = n.sizes.generator.num_codes();
  const at::Tensor centre = scribe.input("latent_avg");
  const at::Tensor w = n.generator->map(scribe.input("input_z"));
  const at::Tensor other = repeat_code(n.generator->map(scribe.input("input_z2")), codes);
  const auto image = [&](const at::Tensor& code, const at::Tensor& structure = {}) {
    return n.generator->forward(code, structure, Noise::fixed);
  };
  scribe.output("eval.w", w);
  const GeneratorOutput out = image(repeat_code(w, codes));
  scribe.output("eval.image_z", out.image);
  scribe.output("eval.generator_features.8", out.features[2]);
  scribe.output("eval.generator_features.16", out.features[1]);
  scribe.output("eval.generator_feature_norms", picture_norms(out.features));
  const auto inject = static_cast<std::int64_t>(scribe.number("inject_index"));
  scribe.output("eval.image_mix", image(mix_codes(repeat_code(w, codes), other, inject)).image);
  scribe.output("eval.image_truncated", image(repeat_code(truncate(w, centre, 0.7), codes)).image);
  scribe.output("eval.image_w", image(scribe.input("input_w")).image);
  scribe.output("eval.image_w_structure", image(scribe.input("input_w"), scribe.input("input_structure")).image);
}

void encoder_alone(Networks& n, method::GoldenScribe& scribe) {
  const torch::NoGradGuard no_grad;
  n.encoder->eval();
  const at::Tensor input = scribe.input("input"), centre = scribe.input("latent_avg");
  const EncoderOutput out = n.encoder->forward(input, EncoderFeatures::all);
  scribe.output("eval.patch_embed", out.levels[0]);
  for (std::size_t i = 0; i < 3; ++i) scribe.output("eval.level_input." + std::to_string(i), out.levels[i]);
  for (std::size_t i = 0; i < 4; ++i) scribe.output("eval.q_global." + std::to_string(i), out.queries[i]);
  scribe.output("eval.style", out.codes);
  scribe.output("eval.structure", out.structure);
  scribe.output("eval.features.8", out.features[2]);
  scribe.output("eval.features.16", out.features[1]);
  scribe.output("eval.feature_norms", picture_norms(out.features));
  const at::Tensor codes = out.codes + centre;
  scribe.output("eval.inversion", n.generator->forward(codes, out.structure, Noise::fixed).image);
  scribe.output("eval.inversion_style_only", n.generator->forward(codes, {}, Noise::fixed).image);
  std::vector<at::Tensor> singles;
  for (std::int64_t i = 0; i < input.size(0); ++i) singles.push_back(n.encoder->forward(input.narrow(0, i, 1)).codes);
  scribe.output("eval.single.style", at::cat(singles));
  n.encoder->set_global_query(GlobalQuery::corrected);
  const EncoderOutput corrected = n.encoder->forward(input);
  scribe.output("eval.fixed.style", corrected.codes);
  scribe.output("eval.fixed.structure", corrected.structure);
  n.encoder->set_global_query(GlobalQuery::reference);
}

void recognition(Networks& n, method::GoldenScribe& scribe) {
  const at::Tensor input = scribe.input("input"), labels = scribe.input("labels");
  n.fer->eval();
  {
    const torch::NoGradGuard no_grad;
    const FerOutput out = n.fer->forward(input);
    scribe.output("eval.logits", out.logits);
    scribe.output("eval.fer.style_mean", out.mean_code);
    scribe.output("eval.fer.modulated", out.modulated);
    scribe.output("eval.fer.structure", out.encoder.structure);
    n.fer->feature_model->set_global_query(GlobalQuery::corrected);
    scribe.output("eval.fixed.logits", n.fer->forward(input).logits);
    n.fer->feature_model->set_global_query(GlobalQuery::reference);
  }
  n.fer->train();
  const FerOutput out = n.fer->forward(input);
  const std::int64_t classes = out.logits.size(1);
  const at::Tensor loss = nn::cross_entropy(out.logits, at::one_hot(labels, classes).to(at::kFloat));
  loss.backward();
  scribe.output("train.logits", out.logits);
  scribe.output("train.loss.cross_entropy", loss);
  const at::Tensor smooth = smoothed(at::one_hot(labels, classes).to(at::kFloat), 0.1);
  scribe.output("train.loss.soft_cross_entropy", nn::cross_entropy(out.logits, 0.3 * smooth + 0.7 * smooth.flip({0})));
  for (const auto& p : n.fer->named_parameters())
    if (p.value().grad().defined()) scribe.gradient("train.fer.grad." + p.key(), p.value().grad());
  add_gradient_norms(*n.fer, "train.fer.gradnorm", "", scribe);
}

void full_size(method::GoldenScribe& scribe) {
  const torch::NoGradGuard no_grad;
  const Sizes sizes = sizes_of(Preset::base);
  const std::string salt = scribe.salt();
  const at::Tensor input = scribe.input("input_full");
  Generator generator(sizes.generator);
  fill_golden(*generator, salt, "decoder.");
  const auto quarter = [](const at::Tensor& image) { return at::adaptive_avg_pool2d(image, {64, 64}); };
  {
    Encoder encoder(encoder_options(sizes.encoder));
    fill_golden(*encoder, salt, "encoder.");
    encoder->eval();
    const EncoderOutput out = encoder->forward(input, EncoderFeatures::all);
    scribe.output("full.eval.style", out.codes);
    scribe.output("full.eval.structure", out.structure);
    scribe.output("full.eval.feature_norms", picture_norms(out.features).flatten());
    scribe.output("full.eval.q_global_norms", picture_norms(out.queries).flatten());
    scribe.output("full.eval.level_norms", picture_norms({out.levels[0], out.levels[1], out.levels[2]}).flatten());
    const at::Tensor codes = out.codes + nn::formula_input(salt, "latent_avg", {sizes.encoder.code()});
    const at::Tensor image = generator->forward(codes, out.structure, Noise::fixed).image;
    scribe.output("full.eval.inversion_64", quarter(image));
    scribe.output("full.eval.inversion_norm", exact_norm(image));
  }
  const at::Tensor w = generator->map(scribe.input("input_z_full"));
  const GeneratorOutput out = generator->forward(repeat_code(w, sizes.generator.num_codes()), {}, Noise::fixed);
  scribe.output("full.eval.w", w);
  scribe.output("full.eval.image_z_64", quarter(out.image));
  scribe.output("full.eval.generator_feature_norms", picture_norms(out.features).flatten());
  Embedder embedder(sizes.generator, sizes.embedding);
  fill_golden(*embedder, salt, "dis.model_q.");
  scribe.output("full.eval.dis.embedding", embedder->forward(input));
  FerNet fer(encoder_options(sizes.encoder), 7, FerHead::modulated);
  fill_golden(*fer, salt, "");
  fer->eval();
  scribe.output("full.eval.logits", fer->forward(input).logits);
}

}  // namespace mien::methods::ifer::golden_parts

namespace mien::methods::ifer {

void golden(method::GoldenScribe& scribe) {
  golden_parts::Networks networks(scribe.salt(), sizes_of(Preset::small));
  golden_parts::generator_alone(networks, scribe);
  golden_parts::encoder_alone(networks, scribe);
  golden_parts::ranger(scribe);
  golden_parts::recognition(networks, scribe);
  networks.to_float64();
  golden_parts::inversion(networks, scribe);
  golden_parts::stage_zero(networks, scribe);
  golden_parts::full_size(scribe);
}

}  // namespace mien::methods::ifer
