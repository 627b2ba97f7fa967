// SPDX-License-Identifier: Apache-2.0
// All networks that a run trains, in one module: the recognition network with its own keys, and the
// generator ("decoder."), the inversion discriminator ("dis."), the critic ("critic.") and the mean code.
#pragma once

#include "mien/methods/ifer/config.h"
#include "mien/methods/ifer/discriminator.h"
#include "mien/methods/ifer/generator.h"

namespace mien::methods::ifer {

struct Inversion {
  at::Tensor codes;  ///< (N,num_codes,C), as given to the generator
  EncoderOutput encoder;
  at::Tensor image;  ///< (N,3,S,S)
};

class IferNetImpl : public FerNetImpl {
 public:
  /// channels: of the pictures, 1 or 3. Throws usage for another number.
  IferNetImpl(const IferConfig& config, std::int64_t num_classes, std::int64_t channels);

  /// Codes as given to the generator: in the latent space of the configuration, the mean code added.
  at::Tensor generator_codes(const at::Tensor& codes) const;
  /// images (N,3,S,S) in -1..1. Structure::learned leaves the encoder's structure code out.
  enum class Structure { as_configured, learned };
  Inversion invert(const at::Tensor& images, Noise noise, EncoderFeatures features = EncoderFeatures::none,
                   Structure structure = Structure::as_configured);

  /// The picture for the generator's codes; the structure code is used if configured.
  at::Tensor generate(const at::Tensor& codes, const at::Tensor& structure, Noise noise);

  bool uses_structure() const { return use_structure_; }

  Generator decoder{nullptr};
  InversionDiscriminator dis{nullptr};
  Critic critic{nullptr};
  at::Tensor latent_avg;  ///< (C), the generator's mean code; zero until it is known

 private:
  bool use_structure_, start_from_mean_;
  LatentSpace latent_space_;
};
TORCH_MODULE(IferNet);

/// Draws every weight again, from LibTorch's generator: the encoder's linear layers and bias tables truncated normal
/// with deviation 0.02, plain layers as LibTorch draws them, equalised layers N(0,1) (card 2.1).
void draw_weights(IferNet& network, double layer_scale);
/// Only the encoder.
void draw_encoder(Encoder& encoder, double layer_scale);

/// Grey pictures (N,1,H,W) as three equal channels; colour pictures unchanged.
at::Tensor in_colour(const at::Tensor& images);

}  // namespace mien::methods::ifer
