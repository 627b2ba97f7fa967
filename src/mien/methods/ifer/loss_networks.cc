// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/loss_networks.h"

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/method/import.h"
#include "mien/nn/state.h"

namespace mien::methods::ifer {
namespace {

void load_whole(torch::nn::Module& network, const nn::NamedTensors& weights, const std::string& what) {
  method::require_complete(method::load_what_fits(network, weights), what);
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
const nn::RenameRules kGeneratorNames{{{"decoder.", ""}, {"", ""}}};

Lpips load_lpips(const std::vector<std::string>& files) {
  Lpips lpips;
  nn::NamedTensors weights{{"net.mean", lpips->net->mean}, {"net.std", lpips->net->std}};
  for (const auto& path : files) {
    const auto file = nn::read_weights(path, {"state_dict"}, "");
    for (const auto& tensor : kLpipsNames.apply(file.file.tensors)) weights.push_back(tensor);
  }
  load_whole(*lpips, weights, join(files, ", "));
  return lpips;
}

IdentityNetwork load_identity(const std::string& path, const Sizes& sizes) {
  IdentityNetwork identity(sizes.face_rows, sizes.face_columns);
  load_whole(*identity, kIdentityNames.apply(nn::read_weights(path, {"state_dict"}, "").file.tensors), path);
  identity->eval();
  return identity;
}

void add(const torch::nn::Module& module, const std::string& prefix, nn::NamedTensors& out) {
  for (const auto& [key, tensor] : nn::state_of(module)) out.emplace_back(prefix + key, tensor);
}

}  // namespace

nn::NamedTensors LossNetworks::state() const {
  nn::NamedTensors out;
  if (!lpips.is_empty()) add(*lpips, "lpips.", out);
  if (!identity.is_empty()) add(*identity, "id.", out);
  return out;
}

LossNetworks load_loss_networks(const IferConfig& c) {
  LossNetworks out;
  if (!c.lpips_files.empty()) out.lpips = load_lpips(c.lpips_files);
  if (!c.identity_file.empty()) out.identity = load_identity(c.identity_file, sizes_of(c.preset));
  return out;
}

void require_loss_networks(const IferConfig& c, const LossNetworks& networks) {
  if (c.lpips > 0 && networks.lpips.is_empty())
    fail_usage(text("loss.lpips.weight = ", c.lpips, " needs the weights of LPIPS."),
               "Set init.lpips to the file, or set loss.lpips.weight=0.");
  if (c.identity > 0 && networks.identity.is_empty())
    fail_usage(text("loss.identity.weight = ", c.identity, " needs the weights of IR-SE50."),
               "Set init.identity to the file, or set loss.identity.weight=0.");
}

void load_generator(Generator& generator, const std::string& path) {
  const auto file = nn::read_weights(path, {"g_ema", "state_dict"}, "");
  nn::NamedTensors weights = kGeneratorNames.apply(file.file.tensors);
  load_whole(*generator, weights, path);
}

}  // namespace mien::methods::ifer
