// SPDX-License-Identifier: Apache-2.0
#include "mien/method/deploy.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/nn/class_activation.h"
#include "mien/nn/state.h"

namespace mien::method {

Deploy deploy_of(const face::InputSpec& input, std::shared_ptr<torch::nn::Module> network,
                 std::function<std::vector<DeployOutput>(const at::Tensor&)> outputs, const nn::NamedTensors& others) {
  auto run = [network, outputs = std::move(outputs)](const at::Tensor& images) {
    const torch::NoGradGuard no_grad;
    network->eval();
    return outputs(images);
  };
  Deploy deploy;
  deploy.input = input;
  deploy.weights = nn::state_of(*network);
  deploy.weights.insert(deploy.weights.end(), others.begin(), others.end());
  const at::Tensor empty =
      at::zeros({1, input.channels, input.height, input.width}, deploy.weights.front().second.device());
  for (DeployOutput& output : run(empty)) deploy.outputs.push_back(std::move(output.spec));
  deploy.forward = [run](const at::Tensor& images) {
    std::vector<at::Tensor> values;
    for (DeployOutput& output : run(images)) values.push_back(std::move(output.value));
    return values;
  };
  return deploy;
}

std::vector<DeployOutput> linear_classifier_outputs(const at::Tensor& logits, const at::Tensor& features,
                                                    const at::Tensor& weight, float cell_stride, float cell_first) {
  constexpr const char* kMapsMeaning =
      "class activation of each class, in the card's class order: the linear layer applied to the features of each "
      "cell; the mean over the cells plus the layer's bias is the logit";
  return {{{face::kLogits, kLogitsMeaning, "real"}, logits},
          {{face::kClassMaps, kMapsMeaning, "real, logits", cell_stride, cell_first},
           nn::class_activation(features, weight)}};
}

void refuse_reconstruction(const std::string& method, const DeployOptions& options) {
  if (options.with_reconstruction)
    fail_usage(fmt::format("The method {} does not reconstruct pictures.", quote(method)),
               "Export it without --with reconstruction.");
}

}  // namespace mien::method
