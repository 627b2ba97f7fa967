// SPDX-License-Identifier: Apache-2.0
#include "support/method_case.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/core.h>

#include "mien/face/expression.h"
#include "mien/nn/safetensors.h"
#include "mien/nn/state.h"
#include "support/temp_dir.h"

namespace mien::testing {
namespace effect {
namespace {

bool is_same(const at::Tensor& a, const at::Tensor& b) { return a.sizes() == b.sizes() && a.equal(b); }

}  // namespace

Effect total() {
  return [](const Observed& plain, const Observed& flagged) {
    return plain.total == flagged.total ? fmt::format("the total stays {:g}", plain.total) : std::string();
  };
}

Effect term(const std::string& name) {
  return [name](const Observed& plain, const Observed& flagged) -> std::string {
    if (!plain.terms.contains(name) || !flagged.terms.contains(name)) return "no term '" + name + "'";
    return plain.terms.at(name) == flagged.terms.at(name) ? fmt::format("'{}' stays {:g}", name, plain.terms.at(name))
                                                          : "";
  };
}

Effect appears(const std::string& name) {
  return [name](const Observed& plain, const Observed& flagged) -> std::string {
    if (plain.terms.contains(name)) return "'" + name + "' is there without the flag";
    return flagged.terms.contains(name) ? "" : "'" + name + "' does not appear";
  };
}

Effect vanishes(const std::string& name) {
  return [name](const Observed& plain, const Observed& flagged) { return appears(name)(flagged, plain); };
}

Effect weight(const std::string& name) {
  return [name](const Observed& plain, const Observed& flagged) -> std::string {
    if (!plain.weights.contains(name) || !flagged.weights.contains(name)) return "no term '" + name + "'";
    return plain.weights.at(name) == flagged.weights.at(name)
               ? fmt::format("the weight stays {:g}", plain.weights.at(name))
               : "";
  };
}

Effect gradient() {
  return [](const Observed& plain, const Observed& flagged) -> std::string {
    if (plain.total != flagged.total)
      return fmt::format("the total moves from {:g} to {:g}", plain.total, flagged.total);
    return is_same(plain.gradient, flagged.gradient) ? "the gradient stays" : "";
  };
}

Effect parameters() {
  return [](const Observed& plain, const Observed& flagged) {
    return plain.num_parameters == flagged.num_parameters ? fmt::format("still {} parameters", plain.num_parameters)
                                                          : "";
  };
}

Effect logits() {
  return [](const Observed& plain, const Observed& flagged) -> std::string {
    if (plain.num_parameters != flagged.num_parameters) return "the number of parameters changes too";
    return is_same(plain.logits, flagged.logits) ? "the logits stay" : "";
  };
}

Effect views() {
  return [](const Observed& plain, const Observed& flagged) -> std::string {
    bool same = plain.views.size() == flagged.views.size();
    for (std::size_t i = 0; same && i < plain.views.size(); ++i) same = is_same(plain.views[i], flagged.views[i]);
    return same ? "the pictures stay" : "";
  };
}

Effect state(const std::string& name) {
  return [name](const Observed& plain, const Observed& flagged) -> std::string {
    const at::Tensor a = find(plain.state, name), b = find(flagged.state, name);
    if (!a.defined() || !b.defined()) return "no state '" + name + "'";
    return is_same(a, b) ? "'" + name + "' stays" : "";
  };
}

Effect state_appears(const std::string& name) {
  return [name](const Observed& plain, const Observed& flagged) -> std::string {
    if (find(plain.state, name).defined()) return "'" + name + "' is there without the flag";
    return find(flagged.state, name).defined() ? "" : "no state '" + name + "'";
  };
}

Effect stage(const std::string& what, const std::function<bool(const method::Stage&)>& holds) {
  return [what, holds](const Observed& plain, const Observed& flagged) -> std::string {
    if (holds(plain.stage)) return what + " without the flag too";
    return holds(flagged.stage) ? "" : "not " + what;
  };
}

}  // namespace effect

at::Tensor find(const nn::NamedTensors& all, const std::string& name) {
  for (const auto& [key, value] : all)
    if (key == name) return value;
  return {};
}

std::unique_ptr<method::Method> build(method::MethodConfig& config, const MethodCase& small,
                                      const std::vector<std::string>& settings, std::uint64_t seed) {
  Fields fields;
  config.declare(fields);
  for (const auto& setting : small.tiny) fields.set_text(setting);
  for (const auto& setting : settings) fields.set_text(setting);
  method::DataFacts facts;
  facts.classes = face::class_set(8);
  facts.input.width = facts.input.height = small.side;
  auto method = config.build(facts);
  method->initialise(seed);
  return method;
}

at::Tensor answer_of(const method::Prediction& prediction) {
  return prediction.logits.defined() ? prediction.logits : prediction.maps.at(0).second;
}

namespace {

/// A box in every picture but the last: half of the sides, with the picture's label.
std::vector<at::Tensor> boxes_for(const at::Tensor& labels) {
  std::vector<at::Tensor> boxes;
  for (std::int64_t i = 0; i + 1 < labels.size(0); ++i)
    boxes.push_back(at::tensor({0.25f, 0.2f, 0.5f, 0.5f, labels[i].item<float>()}).view({1, 5}));
  boxes.push_back(at::zeros({0, 5}));
  return boxes;
}

}  // namespace

batch::Batch batch_for(const method::Stage& stage, const MethodCase& small, std::uint64_t seed) {
  const std::vector<std::int64_t> pattern{0, 3, 5, 3, 1, 7};
  const int rows = small.rows * (1 + stage.needs.further);
  batch::Batch batch;
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  torch::manual_seed(seed);
  batch.labels = at::zeros({rows}, at::kLong);
  for (int i = 0; i < rows; ++i) batch.labels[i] = pattern[static_cast<std::size_t>(i) % pattern.size()];
  batch.distribution = at::one_hot(batch.labels, 8).to(at::kFloat) * 0.8 + 0.025;
  // Heads turned from left to right; the last row's pose is not known.
  batch.pose = at::stack({at::linspace(-70, 70, rows), at::zeros({rows})}, 1);
  batch.pose_known = (at::arange(rows) < rows - 1).unsqueeze(1).expand({rows, 2});
  batch.index = at::arange(rows, at::kLong);
  const at::Tensor pixels = torch::randint(0, 256, {rows, 1, 48, 48}, at::kByte);
  if (stage.needs.boxes) batch.boxes = boxes_for(batch.labels);
  if (stage.needs.landmarks) {
    batch.landmarks = torch::rand({rows, 68, 2});
    batch.landmarks_known = at::ones({rows}, at::kBool);
  }
  for (const auto& view : stage.needs.views) batch.views.push_back(view(pixels, batch, generator));
  if (stage.needs.wrap) stage.needs.wrap(batch, generator, 0);
  return batch;
}

Observed observe(method::MethodConfig& config, const MethodCase& small, const std::vector<std::string>& settings) {
  auto method = build(config, small, settings);
  Observed out;
  out.num_parameters = nn::count_parameters(method->network());
  out.logits =
      answer_of(method->predict(at::linspace(-1, 1, 2 * small.side * small.side).view({2, 1, small.side, small.side})));
  out.stage = method->stages().front();
  const batch::Batch batch = batch_for(out.stage, small);
  out.views = batch.views;
  method::StepContext context;
  context.epoch = small.epoch;
  method->network().train();
  torch::manual_seed(1);
  const method::Losses losses = out.stage.turns.front().losses(batch, context);
  for (const auto& term : losses) {
    out.terms[term.name] = term.value.item<double>();
    out.weights[term.name] = term.weight;
  }
  const at::Tensor total = method::total(losses);
  out.total = total.item<double>();
  total.backward();
  std::vector<at::Tensor> gradients;
  for (const auto& group : out.stage.players.front().groups)
    for (const auto& [name, parameter] : group.parameters)
      if (parameter.grad().defined()) gradients.push_back(parameter.grad().flatten());
  out.gradient = at::cat(gradients);
  if (out.stage.hooks.after_step) out.stage.hooks.after_step(batch, context);
  for (const auto& [name, value] : method->extra_state()) out.state.emplace_back(name, value.detach().clone());
  return out;
}

TakenBackbone backbone_of_another_run(method::MethodConfig& config, const MethodCase& small, const std::string& part,
                                      const std::vector<std::string>& settings) {
  const auto other = build(config, small, settings, 5);
  const TempDir dir;
  nn::write_safetensors(dir / "best.safetensors", nn::state_of(other->network()), {});
  const auto method = build(config, small, {"init.backbone=" + (dir / "best.safetensors").string()}, 6);
  const auto taken = nn::state_of(method->network());
  TakenBackbone out;
  for (const auto& [key, value] : nn::state_of(other->network())) {
    if (!key.starts_with(part)) continue;
    ++out.entries;
    const at::Tensor ours = find(taken, key);
    if (!ours.defined() || !ours.equal(value)) out.fault = key + " is not the other run's";
  }
  return out;
}

}  // namespace mien::testing
