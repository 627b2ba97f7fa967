// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/deploy_outputs.h"

#include "mien/methods/part_based/explanation.h"

namespace mien::methods::part_based {
namespace {

/// A cell of layer 8 covers 8×8 input pixels; its three poolings have windows of three that start at the cell.
constexpr float kCellStride = 8, kCellFirst = 7.5f;

/// The results of one sub-network.
struct PartPass {
  at::Tensor logits;     ///< (B,K)
  at::Tensor maps;       ///< (B,K,h,w)
  at::Tensor landmarks;  ///< (B,2n)
};

/// The expression head for the body's unscaled f: its layers and the standardisation as one layer.
Affine expression_layer(const SubNetworkImpl& network, const Standard& standard) {
  const Affine head = network.expression->fused();
  const at::Tensor weight = head.weight / standard.deviation;
  return {weight, head.bias - at::matmul(weight, standard.mean)};
}

PartPass run_part(SubNetworkImpl& network, const Standard& standard, const at::Tensor& images) {
  const at::Tensor activations = network.features->activations(images), f = features_of(activations);
  const Affine expression = expression_layer(network, standard), landmarks = network.landmarks->fused();
  return {at::linear(f, expression.weight, expression.bias), part_class_maps(activations, expression.weight),
          at::linear(f, landmarks.weight, landmarks.bias)};
}

}  // namespace

std::vector<method::DeployOutput> deploy_outputs(PartBasedNetImpl& network, const at::Tensor& images) {
  std::vector<at::Tensor> logits, maps, landmarks;
  for (std::size_t i = 0; i < network.networks.size(); ++i) {
    PartPass pass = run_part(*network.networks[i], network.standards[i], images);
    logits.push_back(std::move(pass.logits));
    maps.push_back(std::move(pass.maps));
    landmarks.push_back(std::move(pass.landmarks));
  }
  const at::Tensor by_part = at::stack(logits, 1), probabilities = at::softmax(by_part, 2);
  const at::Tensor part_maps = at::stack(maps, 1);
  const at::Tensor stack_weight = network.stack.is_empty() ? at::Tensor() : network.stack->weight;
  std::vector<method::DeployOutput> out{
      {{face::kLogits, "log-probabilities of the ensemble, in the card's class order", "real"},
       clamped_log(network.fuse(by_part))},
      {{face::kClassMaps, "Grad-CAM of the ensemble's log-probability of each class, in the card's class order, signed",
        "real, logits", kCellStride, kCellFirst},
       ensemble_class_maps(part_maps, probabilities, network.rule, stack_weight)},
      {{"part_class_maps", "Grad-CAM of the logits of each part, by part and class, signed", "real, logits",
        kCellStride, kCellFirst},
       part_maps},
      {{"part_probabilities", "probabilities of each part, by part (row) and class", "0..1"}, probabilities},
      {face::face_values("disagreement", "entropy of the parts' mean minus their mean entropy, in nats", ">= 0"),
       disagreement(probabilities).unsqueeze(1)}};
  for (std::size_t i = 0; i < landmarks.size(); ++i)
    out.push_back(
        {{"landmarks_" + name_of(network.parts[i]),
          "landmarks predicted by this part's network: x0, y0, x1, y1, ... in units of the side", "about 0..1"},
         landmarks[i]});
  return out;
}

}  // namespace mien::methods::part_based
