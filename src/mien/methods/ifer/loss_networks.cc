// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/loss_networks.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/method/import.h"
#include "mien/nn/state.h"

namespace mien::methods::ifer {
namespace {

void load_whole(torch::nn::Module& network, const nn::NamedTensors& weights, const std::vector<std::string>& optional,
                const std::string& path, const std::string& what) {
  auto report = method::load_what_fits(network, weights, optional, path);
  report.origin = path;
  method::require_complete(report, what);
}

/// AlexNet as torchvision names it and the linear weights as LPIPS names them, or both as this network does.
const nn::RenameRules kLpipsNames{{{"lpips.", ""},
                                   {"features.", "net.layers."},
                                   {"lin0.model.", "lin.0."},
                                   {"lin1.model.", "lin.1."},
                                   {"lin2.model.", "lin.2."},
                                   {"lin3.model.", "lin.3."},
                                   {"lin4.model.", "lin.4."},
                                   {"net.layers.", "net.layers."},
                                   {"lin.", "lin."}}};
const nn::RenameRules kIdentityNames{{{"id.facenet.", "facenet."}, {"facenet.", "facenet."}, {"", "facenet."}}};
constexpr const char* kMeanCode = "latent_avg";

Lpips load_lpips(const std::vector<std::string>& files) {
  Lpips lpips;
  nn::NamedTensors weights{{"net.mean", lpips->net->mean}, {"net.std", lpips->net->std}};
  for (const auto& path : files) {
    const auto file = nn::read_weights(path, {"state_dict"}, "");
    for (const auto& tensor : kLpipsNames.apply(file.file.tensors)) weights.push_back(tensor);
  }
  load_whole(*lpips, weights, {}, join(files, ", "), "LPIPS (init.lpips)");
  return lpips;
}

IdentityNetwork load_identity(const std::string& path, const Sizes& sizes) {
  IdentityNetwork identity(sizes.face_rows, sizes.face_columns);
  const auto file = nn::read_weights(path, {"state_dict"}, "");
  load_whole(*identity, kIdentityNames.apply(file.file.tensors), {}, path, "IR-SE50 (init.identity)");
  identity->eval();
  return identity;
}

/// The generator's marked entries in a file with other networks; otherwise all entries except the mean code.
nn::NamedTensors generator_part(const nn::NamedTensors& all) {
  for (const char* prefix : {"decoder.", "g_ema."}) {
    const nn::RenameRules part{{{prefix, ""}}};
    if (auto weights = part.apply(all); !weights.empty()) return weights;
  }
  nn::NamedTensors weights;
  for (const auto& tensor : all)
    if (tensor.first != kMeanCode) weights.push_back(tensor);
  return weights;
}

void copy_mean_code(at::Tensor& mean_code, const at::Tensor& theirs, const std::string& path) {
  const at::Tensor code = method::one_of_equal_rows(theirs, mean_code);
  check_input(
      code.sizes() == mean_code.sizes(),
      fmt::format("{}: {} has the shape {}, expected {} or equal rows of it.", path, kMeanCode,
                  weights::describe_shape(theirs.sizes().vec()), weights::describe_shape(mean_code.sizes().vec())),
      "Give a generator of the size that model.preset names.");
  const torch::NoGradGuard no_grad;
  mean_code.copy_(code);
}

void add(const torch::nn::Module& module, const std::string& prefix, nn::NamedTensors& out) {
  for (const auto& [key, tensor] : nn::state_of(module)) out.emplace_back(prefix + key, tensor);
}

}  // namespace

nn::NamedTensors LossNetworks::state() const {
  nn::NamedTensors out;
  if (!lpips.is_empty()) add(*lpips, "lpips.", out);
  if (!identity.is_empty()) add(*identity, "id.", out);
  if (!plain.is_empty()) add(*plain, "plain.", out);
  return out;
}

LossNetworks load_loss_networks(const IferConfig& c) {
  LossNetworks out;
  if (!c.lpips_files.empty()) out.lpips = load_lpips(c.lpips_files);
  if (!c.identity_file.empty()) out.identity = load_identity(c.identity_file, sizes_of(c.preset));
  if (!c.features_file.empty()) out.plain = load_plain_taps(c.features_file);
  return out;
}

void require_loss_networks(const IferConfig& c, const LossNetworks& networks) {
  if (c.lpips > 0 && networks.lpips.is_empty())
    fail_usage(fmt::format("loss.lpips.weight = {:g} needs the weights of LPIPS.", c.lpips),
               "Set init.lpips to the file, or set loss.lpips.weight=0.");
  if (c.identity > 0 && networks.identity.is_empty())
    fail_usage(fmt::format("loss.identity.weight = {:g} needs the weights of IR-SE50.", c.identity),
               "Set init.identity to the file, or set loss.identity.weight=0.");
}

void load_generator(Generator& generator, at::Tensor mean_code, const std::string& path) {
  method::ImportRules rules;
  rules.keys = {{{"decoder.", ""}, {"g_ema.", ""}, {"", ""}}};
  const auto file = nn::read_weights(path, {"g_ema", "state_dict"}, {}, {}, method::fit_of(*generator, rules));
  const nn::NamedTensors weights = generator_part(file.file.tensors);
  load_whole(*generator, weights, {"noises."}, path, "the generator (init.generator)");
  for (const auto* tensors : {&file.file.tensors, &file.around})
    for (const auto& [key, value] : *tensors)
      if (key == kMeanCode) copy_mean_code(mean_code, value, path);
}

}  // namespace mien::methods::ifer
