// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fdrl/deploy_outputs.h"

#include <fmt/core.h>

namespace mien::methods::fdrl {

std::vector<method::DeployOutput> deploy_outputs(const FdrlNetImpl& network, const FdrlOutput& out,
                                                 const at::Tensor& weight_centers, std::int64_t border) {
  const FdrlConfig& config = network.config();
  const Reconstruction& r = out.parts;
  const float first = nn::kResNetCellFirst + static_cast<float>(border);
  if (!config.fdn)
    return method::linear_classifier_outputs(out.logits, out.map, network.epn->weight, nn::kResNetCellStride, first);
  std::vector<std::string> names;
  for (int j = 1; j <= config.num_latent; ++j) names.push_back(fmt::format("latent {}", j));
  std::vector<method::DeployOutput> outputs{{{face::kLogits, method::kLogitsMeaning, "real"}, out.logits}};
  const auto add = [&](face::OutputSpec spec, const at::Tensor& value) { outputs.push_back({std::move(spec), value}); };
  add({"latent_maps",
       "origin of each latent feature: its linear layer applied to the features of each cell, summed over the active "
       "components; the mean over the cells is their sum without the bias",
       "real", nn::kResNetCellStride, first},
      latent_maps(out.map, r.latent, network.layers().decompose));
  if (config.intra) {
    const bool is_mean = config.intra_norm == IntraNorm::mean;
    const char* range = is_mean ? "0..1" : "real";
    const std::string meaning =
        fmt::format("weight of each latent feature in this face: the {} of its sigmoids (model.intra_norm)",
                    is_mean ? "mean" : "sum");
    add(face::face_values("weights", meaning, range, names), r.intra_weights);
    add(face::face_values("class_weights",
                          "weight of each latent feature for the predicted class: the centre of the class, an average "
                          "over the last training batches",
                          range, names),
        weight_centers.index_select(0, out.logits.argmax(1)));
  }
  add(face::face_values("latent_norms", "length of each latent feature: how strong it is in this face", "real", names),
      r.latent.square().sum({2}).sqrt());
  if (config.inter)
    add({"relations",
         "how strongly each latent feature (row) is influenced by each other one (column): tanh of the distance of "
         "their messages",
         "0..1"},
        r.inter_weights);
  add({"expression", "the expression feature: the input of the classifier", "real"}, r.expression);
  return outputs;
}

}  // namespace mien::methods::fdrl
