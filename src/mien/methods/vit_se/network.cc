// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/vit_se/network.h"

namespace mien::methods::vit_se {

ExcitationHeadImpl::ExcitationHeadImpl(std::int64_t dim, std::int64_t hidden, std::int64_t num_classes,
                                       GateActivation gate)
    : activation(gate) {
  fc1 = register_module("fc1", torch::nn::Linear(dim, hidden));
  fc2 = register_module("fc2", torch::nn::Linear(hidden, dim));
  cls = register_module("cls", torch::nn::Linear(dim, num_classes));
}

HeadOutput ExcitationHeadImpl::forward(const at::Tensor& z) {
  HeadOutput out;
  out.features = z;
  out.hidden = at::relu(fc1->forward(z));
  const at::Tensor raw = fc2->forward(out.hidden);
  out.excitation = activation == GateActivation::sigmoid ? at::sigmoid(raw) : at::relu(raw);
  out.gated = z * out.excitation;
  out.logits = cls->forward(out.gated);
  return out;
}

VitSeNetImpl::VitSeNetImpl(const VitSeConfig& c, const VitOptions& o, std::int64_t num_classes) {
  model = register_module("model", VisionTransformer(o));
  if (c.se)
    gated_head = register_module("head", ExcitationHead(o.dim, o.dim / c.se_ratio, num_classes, c.se_activation));
  else
    plain_head = register_module("head", torch::nn::Linear(o.dim, num_classes));
}

HeadOutput VitSeNetImpl::run_head(const at::Tensor& z) {
  if (gated_head.is_empty()) return {z, plain_head->forward(z), {}, {}, {}};
  return gated_head->forward(z);
}

HeadOutput VitSeNetImpl::forward(const at::Tensor& images) { return run_head(model->forward(images)); }

void initialise(VitSeNet& network) {
  initialise(network->model);
  if (network->gated_head.is_empty()) {
    network->plain_head->reset_parameters();
    return;
  }
  for (auto* layer : {&network->gated_head->fc1, &network->gated_head->fc2, &network->gated_head->cls})
    (*layer)->reset_parameters();
}

}  // namespace mien::methods::vit_se
