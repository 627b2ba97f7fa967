// SPDX-License-Identifier: Apache-2.0
// The chapters of the golden file; each computes some of its tensors by name.
#pragma once

#include "mien/method/golden_scribe.h"
#include "mien/methods/ifer/alignment.h"
#include "mien/methods/ifer/discriminator.h"
#include "mien/methods/ifer/encoder.h"
#include "mien/methods/ifer/generator.h"
#include "mien/methods/ifer/identity.h"
#include "mien/methods/ifer/network.h"
#include "mien/methods/ifer/perceptual.h"

namespace mien::methods::ifer::golden_parts {

/// The networks of the preset `small` with formula weights.
struct Networks {
  Networks(const std::string& salt, const Sizes& sizes);

  Sizes sizes;
  Encoder encoder{nullptr};
  Generator generator{nullptr};
  InversionDiscriminator discriminator{nullptr};
  Critic critic{nullptr};
  Lpips lpips{nullptr};
  IdentityNetwork identity{nullptr};
  FerNet fer{nullptr};

  /// Turns all networks except `fer` into float64. A unit of a rectifier that is within float32's rounding of 0 changes
  /// the gradients of a whole picture, and rounding differs between processors.
  void to_float64();
};
/// Without stochastic depth, as in the generation of the file.
EncoderOptions encoder_options(const EncoderSizes& sizes);

void generator_alone(Networks& networks, method::GoldenScribe& scribe);
void encoder_alone(Networks& networks, method::GoldenScribe& scribe);
/// In float64: discriminator step, then encoder step, then the gradients of the generator.
void inversion(Networks& networks, method::GoldenScribe& scribe);
/// In float64: both players, both regularisers.
void stage_zero(Networks& networks, method::GoldenScribe& scribe);
void recognition(Networks& networks, method::GoldenScribe& scribe);
/// Fourteen steps of the optimiser on stored gradients.
void ranger(method::GoldenScribe& scribe);
/// The published sizes, one picture.
void full_size(method::GoldenScribe& scribe);

/// Norms of the gradients of all parameters under "<name>.<prefix><key>".
void add_gradient_norms(torch::nn::Module& module, const std::string& name, const std::string& prefix,
                        method::GoldenScribe& scribe);
/// L2 norm, accumulated in float64.
at::Tensor exact_norm(const at::Tensor& x);
/// Norm of each picture of each map: (maps, N).
at::Tensor picture_norms(const std::vector<at::Tensor>& maps);

}  // namespace mien::methods::ifer::golden_parts
