// SPDX-License-Identifier: Apache-2.0
// The chapters with losses and gradients: inversion and stage 0.
#include "mien/method/losses.h"
#include "mien/method/ranger.h"
#include "mien/methods/ifer/golden_parts.h"
#include "mien/methods/ifer/loss.h"
#include "mien/nn/state.h"

namespace mien::methods::ifer::golden_parts {
namespace {

void clear(torch::nn::Module& module) {
  for (auto& p : module.parameters()) p.mutable_grad().reset();
}

void add_gradients(torch::nn::Module& module, const std::string& name, const std::string& prefix,
                   method::GoldenScribe& scribe) {
  for (const auto& p : module.named_parameters())
    if (p.value().grad().defined()) scribe.gradient(name + "." + prefix + p.key(), p.value().grad().clone());
}

at::Tensor whole_norm(torch::nn::Module& module) {
  at::Tensor sum = at::zeros({}, at::kDouble);
  for (const auto& p : module.parameters())
    if (p.grad().defined()) sum += p.grad().to(at::kDouble).square().sum();
  return sum.sqrt();
}

std::vector<std::int64_t> indices(method::GoldenScribe& scribe, const std::string& key) {
  std::vector<std::int64_t> out;
  for (const char c : scribe.text(key))
    if (c != ',') out.push_back(c - '0');
  return out;
}

/// An input of the file for networks in float64.
at::Tensor exact(method::GoldenScribe& scribe, const std::string& name) { return scribe.input(name).to(at::kDouble); }

at::Tensor invert(Networks& n, const at::Tensor& codes, const at::Tensor& structure) {
  return n.generator->forward(codes, structure, Noise::fixed).image;
}

void discriminator_step(Networks& n, method::GoldenScribe& scribe) {
  const at::Tensor input = exact(scribe, "input");
  at::Tensor image;
  {
    const torch::NoGradGuard no_grad;
    const EncoderOutput out = n.encoder->forward(input);
    image = invert(n, out.codes + exact(scribe, "latent_avg"), out.structure);
    scribe.output("eval.dis.embedding", n.discriminator->model_q->forward(input));
  }
  clear(*n.discriminator);
  const at::Tensor real = n.discriminator->forward(input, input);
  const at::Tensor fake = n.discriminator->forward(image, input);
  const at::Tensor loss = score_loss(real, 1) + score_loss(fake, -1);
  loss.backward();
  scribe.output("train.dis.real", real);
  scribe.output("train.dis.fake", fake);
  scribe.output("train.loss.discriminator", loss);
  add_gradients(*n.discriminator, "train.dis.grad", "", scribe);
  add_gradient_norms(*n.discriminator, "train.dis.gradnorm", "", scribe);
  scribe.output("train.dis.model_k.lin.bias", n.discriminator->model_k->lin->bias.clone());
}

void encoder_step(Networks& n, method::GoldenScribe& scribe) {
  const at::Tensor input = exact(scribe, "input"), centre = exact(scribe, "latent_avg");
  std::vector<at::Tensor> source;
  {
    const torch::NoGradGuard no_grad;
    const at::Tensor w = n.generator->map(exact(scribe, "input_z"));
    source = n.generator->forward(repeat_code(w, n.sizes.generator.num_codes()), {}, Noise::fixed).features;
  }
  const EncoderOutput out = n.encoder->forward(input, EncoderFeatures::all);
  const at::Tensor codes = out.codes + centre;
  const at::Tensor image = invert(n, codes, out.structure);
  const at::Tensor score = n.discriminator->forward(image, input);
  const AlignmentDraw draw{indices(scribe, "feat_ind"), indices(scribe, "batch_ind")};
  const auto aligned = [&](Alignment form) { return alignment_loss(form, source, out.features, draw); };
  const AlignmentRows rows = alignment_rows(Alignment::reference, source, out.features, draw);
  const auto taps = n.lpips->taps(image, input);
  const method::Losses terms{{"l2", pixel_loss(image, input), 1},
                             {"lpips", at::stack(taps).sum(), 0.8},
                             {"adversarial", score_loss(score, 1), 1e-4},
                             {"distribution", aligned(Alignment::reference), 0.01},
                             {"distribution_pairwise", aligned(Alignment::pairwise), 0},
                             {"distribution_all", aligned(Alignment::all), 0},
                             {"w_norm", code_norm(codes, centre), 0}};
  scribe.output("train.dis.fake_g", score);
  scribe.output("train.distribution.source", rows.source);
  scribe.output("train.distribution.target", rows.target);
  for (std::size_t i = 0; i < taps.size(); ++i) scribe.output("train.lpips.layer." + std::to_string(i), taps[i]);
  for (const auto& term : terms) {
    clear(*n.encoder);
    term.value.backward({}, /*retain_graph=*/true);
    scribe.output("train.loss." + term.name, term.value);
    scribe.gradient("train.termgrad." + term.name, whole_norm(*n.encoder));
    add_gradients(*n.encoder, "train.term." + term.name + ".grad", "encoder.", scribe);
  }
  clear(*n.encoder);
  const at::Tensor total = method::total(terms);
  total.backward({}, /*retain_graph=*/true);
  scribe.output("train.loss.total", total);
  add_gradients(*n.encoder, "train.grad", "encoder.", scribe);
  add_gradient_norms(*n.encoder, "train.gradnorm", "encoder.", scribe);
  clear(*n.generator);
  terms[0].value.backward();
  add_gradient_norms(*n.generator, "train.l2.gradnorm", "decoder.", scribe);
}

void feature_distances(Networks& n, method::GoldenScribe& scribe) {
  const torch::NoGradGuard no_grad;
  const at::Tensor input = exact(scribe, "input"), target = exact(scribe, "input_target");
  const at::Tensor features = n.identity->features(input);
  scribe.output("eval.id.features", features);
  scribe.output("eval.loss.id", identity_loss(n.identity->features(target), features));
  scribe.output("eval.loss.lpips", n.lpips->forward(target, input));
}

}  // namespace

void inversion(Networks& n, method::GoldenScribe& scribe) {
  n.encoder->train();
  feature_distances(n, scribe);
  discriminator_step(n, scribe);
  encoder_step(n, scribe);
}

void stage_zero(Networks& n, method::GoldenScribe& scribe) {
  const std::int64_t codes = n.sizes.generator.num_codes();
  const auto generate = [&] {
    const at::Tensor code = repeat_code(n.generator->map(exact(scribe, "input_z")), codes);
    return std::pair(n.generator->forward(code, {}, Noise::fixed).image, code);
  };
  clear(*n.generator);
  clear(*n.critic);
  {
    const auto [image, code] = generate();
    const at::Tensor real = n.critic->forward(exact(scribe, "input")), fake = n.critic->forward(image);
    scribe.output("eval.critic.real", real);
    scribe.output("eval.critic.fake", fake);
    scribe.output("train.gan.loss.d", critic_loss(real, fake));
    const at::Tensor loss = generator_loss(fake);
    scribe.output("train.gan.loss.g", loss);
    loss.backward();
    add_gradient_norms(*n.generator, "train.gan.g.gradnorm", "decoder.", scribe);
  }
  clear(*n.critic);
  const at::Tensor input = exact(scribe, "input").requires_grad_();
  const at::Tensor penalty = gradient_penalty(n.critic->forward(input), input);
  penalty.backward();
  scribe.output("train.gan.loss.r1", penalty);
  add_gradient_norms(*n.critic, "train.gan.r1.gradnorm", "critic.", scribe);
  clear(*n.generator);
  const auto [image, code] = generate();
  const double side = static_cast<double>(n.sizes.generator.image);
  const at::Tensor noise = exact(scribe, "input_path_noise") / side;
  const PathLengths path = path_lengths(image, code, noise, at::zeros({}, at::kDouble));
  path.loss.backward();
  scribe.output("train.gan.path_lengths", path.lengths);
  scribe.output("train.gan.path_mean", path.mean);
  scribe.output("train.gan.loss.path", path.loss);
  add_gradient_norms(*n.generator, "train.gan.path.gradnorm", "decoder.", scribe);
}

void ranger(method::GoldenScribe& scribe) {
  const std::string salt = scribe.salt();
  constexpr std::int64_t kSteps = 14;
  const auto path = [&](const std::string& name, const std::string& gradient, const std::vector<std::int64_t>& shape) {
    at::Tensor p = nn::formula_input(salt, "ranger." + name, shape);
    method::RangerState state{torch::zeros_like(p), torch::zeros_like(p), p.clone()};
    std::vector<at::Tensor> places;
    for (std::int64_t t = 1; t <= kSteps; ++t) {
      const std::string key = "ranger." + gradient + "." + std::to_string(t);
      method::ranger_update(p, nn::formula_input(salt, key, shape), state, {0.1, 0.95, 0.999, 1e-5, 0}, t);
      places.push_back(p.clone());
    }
    scribe.output("train.ranger." + name, at::stack(places));
  };
  path("p", "gp", {2, 3});
  path("b", "gb", {3});
}

}  // namespace mien::methods::ifer::golden_parts
