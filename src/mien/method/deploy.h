// SPDX-License-Identifier: Apache-2.0
// The object that export records: the input that a network expects, and a pure function from it to named outputs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mien/face/card.h"
#include "mien/nn/safetensors.h"

namespace mien::method {

/// The caller's choices. The defaults suit every classifier.
struct DeployOptions {
  bool with_reconstruction = false;  ///< add the picture that a generative method reconstructs as a further output
  bool portable_operators = false;   ///< use only operators of the standard ONNX domain, even if that is slower
};

struct Deploy {
  face::InputSpec input;
  std::vector<face::OutputSpec> outputs;  ///< the first is the logits (detectors: their maps, decoded in face/)
  /// (B,C,H,W) normalised float32 → one tensor per entry of outputs, for any B >= 1.
  std::function<std::vector<at::Tensor>(const at::Tensor&)> forward;
  nn::NamedTensors weights;  ///< readable names for the file's initializers
};

/// One output of an exported model: its specification, and its value for a batch.
struct DeployOutput {
  face::OutputSpec spec;
  at::Tensor value;
};

/// A network in inference mode as export records it. `outputs` runs the network on pictures (B,C,H,W) and names the
/// results; it must keep alive everything it uses. It runs once here, on an empty picture, to get the specifications.
/// `others` are named tensors outside the network's state.
Deploy deploy_of(const face::InputSpec& input, std::shared_ptr<torch::nn::Module> network,
                 std::function<std::vector<DeployOutput>(const at::Tensor&)> outputs,
                 const nn::NamedTensors& others = {});

/// Outputs of a network that ends in mean pooling and one linear layer: logits (B,K) and class maps (B,K,h,w), the
/// class activation of features (B,D,h,w) by `weight` (K,D). Cell i is at cell_first + i × cell_stride input pixels.
std::vector<DeployOutput> linear_classifier_outputs(const at::Tensor& logits, const at::Tensor& features,
                                                    const at::Tensor& weight, float cell_stride, float cell_first);
inline constexpr const char* kLogitsMeaning = "class logits before softmax, in the card's class order";

/// For methods that generate no pictures. Throws usage if the options request one; `method` is its name.
void refuse_reconstruction(const std::string& method, const DeployOptions& options);

}  // namespace mien::method
