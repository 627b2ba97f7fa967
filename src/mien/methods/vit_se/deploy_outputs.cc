// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/vit_se/deploy_outputs.h"

#include "mien/batch/window.h"
#include "mien/methods/vit_se/explanation.h"

namespace mien::methods::vit_se {
namespace {

/// Values of the class token along the forward pass.
struct Pass {
  std::vector<at::Tensor> attention;  ///< (B,h,N,N) per block, of the last one the class token's row
  ClassTokenPass last;
};

Pass run_blocks(VisionTransformerImpl& model, const at::Tensor& images) {
  Pass pass;
  at::Tensor tokens = model.embed(images);
  for (std::size_t i = 0; i + 1 < model.blocks.size(); ++i) {
    const BlockImpl::Trace trace = model.blocks[i]->trace(tokens);
    pass.attention.push_back(trace.attention);
    tokens = trace.tokens;
  }
  pass.last = class_token_pass(*model.blocks.back(), tokens);
  pass.attention.push_back(pass.last.attention);
  return pass;
}

face::OutputSpec gate_spec(const ExcitationHeadImpl& gate) {
  return {"excitation", "the gate: the factor of each channel of the class token",
          gate.activation == GateActivation::sigmoid ? "0..1" : ">= 0"};
}

}  // namespace

std::vector<method::DeployOutput> deploy_outputs(VitSeNetImpl& network, const at::Tensor& images) {
  VisionTransformerImpl& model = *network.model;
  const VitOptions& o = model.options;
  const Pass pass = run_blocks(model, batch::centre_window(images, o.height, o.width));
  const HeadOutput head = network.run_head(model.norm->forward(pass.last.output));
  const std::int64_t patches = o.tokens() - 1;
  const at::Tensor cells = pass.last.normed.narrow(1, 1, patches);  // (B,patches,D)
  std::vector<at::Tensor> class_rows;
  for (const auto& a : pass.attention) class_rows.push_back(a.select(2, 0).narrow(2, 1, patches));
  const at::Tensor by_head = at::stack(class_rows, 1);  // (B,blocks,heads,patches)
  const auto as_map = [&](const at::Tensor& row) { return row.unflatten(-1, {o.rows(), o.columns()}); };
  const auto stride = static_cast<float>(o.patch);
  const float first = stride / 2 + static_cast<float>((images.size(3) - o.width) / 2);
  std::vector<method::DeployOutput> out{
      {{face::kLogits, method::kLogitsMeaning, "real"}, head.logits},
      {{face::kClassMaps,
        "Grad-CAM of each class at the first norm of the last block, in the card's class order, signed, without the "
        "class token",
        "real", stride, first},
       class_maps(network, pass.last, head)},
      {{"block_head_maps", "attention of the class token to each patch, by block and head", "0..1", stride, first},
       as_map(by_head)},
      {{"block_maps", "mean over the heads of the class token's attention, by block", "0..1", stride, first},
       as_map(by_head.mean(2))},
      {{"rollout_maps",
        "attention rollout through all blocks, each with the average of its mean head and the identity; the class "
        "token's row",
        "0..1", stride, first},
       as_map(rollout(pass.attention).unsqueeze(1))},
      {{"eigen_maps",
        "Eigen-CAM: the patches' activations at the first norm of the last block along their first principal "
        "direction; independent of the class",
        "real", stride, first},
       as_map(eigen_cam_by_powers(cells).unsqueeze(1))},
      {{"activation_maps",
        "channels at the first norm of the last block, without the class token; predict --explain computes Score-CAM "
        "from them",
        "real", stride, first},
       as_map(cells.transpose(1, 2))},
      {{"features", "class token behind the last norm", "real"}, head.features}};
  if (head.excitation.defined()) {
    out.push_back({gate_spec(*network.gated_head), head.excitation});
    out.push_back({{"gated_features", "class token times the gate: what the classifier reads", "real"}, head.gated});
  }
  return out;
}

}  // namespace mien::methods::vit_se
