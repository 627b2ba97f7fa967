// SPDX-License-Identifier: Apache-2.0
// Networks that losses use and that are never trained: LPIPS and IR-SE50, from the files that the configuration names.
#pragma once

#include "mien/methods/ifer/config.h"
#include "mien/methods/ifer/generator.h"
#include "mien/methods/ifer/identity.h"
#include "mien/methods/ifer/perceptual.h"
#include "mien/methods/ifer/plain_taps.h"
#include "mien/nn/safetensors.h"

namespace mien::methods::ifer {

struct LossNetworks {
  Lpips lpips{nullptr};               ///< null without init.lpips
  IdentityNetwork identity{nullptr};  ///< null without init.identity
  PlainTaps plain{nullptr};           ///< null without init.features

  /// The tensors of these networks, for the Trainer to move to the device.
  nn::NamedTensors state() const;
};

/// Reads the configured files. Throws bad_input if a file lacks a weight.
LossNetworks load_loss_networks(const IferConfig& config);
/// Throws usage if the inversion needs a network without a given file.
void require_loss_networks(const IferConfig& config, const LossNetworks& networks);

/// A StyleGAN2 generator in the layout of rosinality's port (entry "g_ema"), or the "decoder." part of an ASIT
/// checkpoint; the fixed noise may be missing. `mean_code` (C) is replaced if the file has one ("latent_avg").
/// Throws bad_input if a weight is missing or has another size.
void load_generator(Generator& generator, at::Tensor mean_code, const std::string& path);

}  // namespace mien::methods::ifer
