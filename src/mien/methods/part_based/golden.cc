// SPDX-License-Identifier: Apache-2.0
// The golden file of the part-based ensemble: six sub-networks under formula weights, on noise and on a blocky picture,
// and both training stages.
#include "mien/method/golden_scribe.h"
#include "mien/methods/part_based/config.h"
#include "mien/methods/part_based/explanation.h"
#include "mien/methods/part_based/loss.h"
#include "mien/methods/part_based/network.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::part_based {
namespace {

/// The reference ran in float32, where max pooling after batch statistics leaves up to 0.3 % of rounding error in the
/// gradients of the bodies. This build computes them in float64.
constexpr double kBodyTolerance = 5e-3;

/// The bias of a convolution before a batch norm: its gradient is 0, and the file contains its rounding error.
bool vanishes(const std::string& key) { return key.starts_with("features.conv") && key.ends_with(".bias"); }

class Golden {
 public:
  explicit Golden(method::GoldenScribe& scribe)
      : scribe_(scribe), labels_(scribe.input("labels")), network_(options(scribe)) {
    scribe.fill(*network_);
  }

  void write() {
    const at::Tensor images = scribe_.input("input");
    evaluate(images, "eval.");
    evaluate(scribe_.input("input_blocks").repeat_interleave(32, 2).repeat_interleave(32, 3), "eval.blocks.");
    for (std::size_t i = 0; i < network_->parts.size(); ++i) train_expression(i, images);
    network_->to(at::kDouble);
    for (std::size_t i = 0; i < network_->parts.size(); ++i) train_landmarks(i, images.to(at::kDouble));
  }

 private:
  static NetworkOptions options(const method::GoldenScribe& scribe) {
    NetworkOptions o;
    o.parts.push_back(Part::full);
    o.sub_network.num_classes = scribe.num_classes();
    return o;
  }
  /// For the blocky picture the file contains only some tensors.
  void write_if_kept(const std::string& name, const at::Tensor& value) {
    if (scribe_.has(name)) scribe_.output(name, value);
  }
  void evaluate(const at::Tensor& images, const std::string& prefix);
  at::Tensor evaluate_part(std::size_t i, const at::Tensor& images, const std::string& prefix);
  void train_expression(std::size_t i, const at::Tensor& images);
  void train_landmarks(std::size_t i, const at::Tensor& images);
  void write_gradients(const std::string& part, SubNetworkImpl& network, double tolerance);

  method::GoldenScribe& scribe_;
  at::Tensor labels_;
  PartBasedNet network_;
};

/// The part's probabilities.
at::Tensor Golden::evaluate_part(std::size_t i, const at::Tensor& images, const std::string& prefix) {
  const std::string name = name_of(network_->parts[i]);
  SubNetwork& sub = network_->networks[i];
  const at::Tensor activations = sub->features->activations(images), f = features_of(activations);
  const at::Tensor logits = sub->expression->forward(f), probabilities = at::softmax(logits, 1);
  scribe_.output(prefix + "features." + name, f);
  scribe_.output(prefix + "landmarks." + name, sub->landmarks->forward(f));
  scribe_.output(prefix + "logits." + name, logits);
  write_if_kept(prefix + "probabilities." + name, probabilities);
  write_if_kept(prefix + "maps." + name, pool(activations));
  const at::Tensor maps = part_class_maps(activations, sub->expression->fused().weight);
  const at::Tensor place = labels_.view({-1, 1, 1, 1}).expand({-1, 1, maps.size(2), maps.size(3)});
  scribe_.output(prefix + "gradcam." + name, at::relu(maps.gather(1, place).squeeze(1)));
  return probabilities;
}

void Golden::evaluate(const at::Tensor& images, const std::string& prefix) {
  const torch::NoGradGuard no_grad;
  network_->eval();
  std::vector<at::Tensor> of_ensemble;
  for (std::size_t i = 0; i < network_->parts.size(); ++i) {
    const at::Tensor probabilities = evaluate_part(i, images, prefix);
    if (network_->parts[i] != Part::full) of_ensemble.push_back(probabilities);
  }
  const at::Tensor all = at::stack(of_ensemble, 1), mean = combine(all, EnsembleRule::mean);
  scribe_.output(prefix + "probabilities", mean);
  write_if_kept(prefix + "probabilities_product", combine(all, EnsembleRule::product));
  write_if_kept(prefix + "loss.nll_ensemble", -mean.log().gather(1, labels_.unsqueeze(1)).mean());
}

void Golden::write_gradients(const std::string& part, SubNetworkImpl& network, double tolerance) {
  for (const auto& p : network.named_parameters()) {
    const at::Tensor& gradient = p.value().grad();
    if (!gradient.defined()) continue;
    const std::string name = "train.grad." + part + "." + p.key(), norm = "train.gradnorm." + part + "." + p.key();
    if (vanishes(p.key())) {
      for (const auto& kept : {name, norm})
        if (scribe_.has(kept)) scribe_.input(kept);
      continue;
    }
    scribe_.gradient(name, gradient, tolerance);
    scribe_.gradient(norm, gradient.to(at::kDouble).norm().to(at::kFloat), tolerance);
  }
}

/// Stage 2: the body in inference mode and without gradients.
void Golden::train_expression(std::size_t i, const at::Tensor& images) {
  SubNetwork& sub = network_->networks[i];
  const std::string name = name_of(network_->parts[i]);
  network_->eval();
  network_->zero_grad();
  const at::Tensor f = sub->features->forward(images).detach(), logits = sub->expression->forward(f);
  const at::Tensor loss = nn::cross_entropy(logits, at::one_hot(labels_, logits.size(1)).to(at::kFloat));
  loss.backward();
  scribe_.output("train.loss.expression." + name, loss);
  write_gradients(name, *sub, method::kGradientTolerance);
}

void Golden::train_landmarks(std::size_t i, const at::Tensor& images) {
  SubNetwork& sub = network_->networks[i];
  const std::string name = name_of(network_->parts[i]);
  network_->train();
  network_->zero_grad();
  const at::Tensor f = sub->features->forward(images), predicted = sub->landmarks->forward(f);
  const at::Tensor points = scribe_.input("landmarks").unflatten(1, {kPoints, 2});
  const at::Tensor loss = landmark_loss(predicted, targets_of(network_->parts[i], points));
  loss.backward();
  scribe_.output("train.features." + name, f);
  scribe_.output("train.landmarks." + name, predicted);
  scribe_.output("train.loss.landmarks." + name, loss);
  write_gradients(name, *sub, kBodyTolerance);
  for (const auto& buffer : sub->features->named_buffers())
    write_if_kept("train.buffer." + name + ".features." + buffer.key(), buffer.value());
}

}  // namespace

void golden(method::GoldenScribe& scribe) { Golden(scribe).write(); }

}  // namespace mien::methods::part_based
