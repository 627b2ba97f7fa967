// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dnfer/fold.h"

#include "mien/nn/class_activation.h"

namespace mien::methods::dnfer {

FoldedDnfer::FoldedDnfer(DnferNet network)
    : backbone_(network->features),
      classifier_{network->classifier->weight.detach().clone(), network->classifier->bias.detach().clone()} {}

std::vector<at::Tensor> FoldedDnfer::forward(const at::Tensor& images) const {
  const at::Tensor x = backbone_.forward(images);
  return {at::linear(x.mean({2, 3}), classifier_.weight, classifier_.bias),
          nn::class_activation(x, classifier_.weight)};
}

std::vector<std::pair<std::string, at::Tensor>> FoldedDnfer::weights() const {
  auto out = backbone_.weights("features.");
  out.emplace_back("classifier.weight", classifier_.weight);
  out.emplace_back("classifier.bias", classifier_.bias);
  return out;
}

}  // namespace mien::methods::dnfer
