// SPDX-License-Identifier: Apache-2.0
// StyleGAN2 generator (Karras et al. 2020; card 2.2), whose learned constant can be replaced by a structure code.
#pragma once

#include <vector>

#include "mien/methods/ifer/modulated.h"
#include "mien/methods/ifer/sizes.h"

namespace mien::methods::ifer {

struct GeneratorOutput {
  at::Tensor image;                  ///< (N,3,S,S), about -1..1, not clamped
  std::vector<at::Tensor> features;  ///< three maps, the largest first, for the distribution alignment
};

class GeneratorImpl : public torch::nn::Module {
 public:
  explicit GeneratorImpl(const GeneratorSizes& sizes);

  /// The mapping network: z (N,code) → w (N,code)
  at::Tensor map(const at::Tensor& z);
  /// codes (N,num_codes,code); structure (N,C,4,4), undefined: the learned constant.
  GeneratorOutput forward(const at::Tensor& codes, const at::Tensor& structure, Noise noise);

  const GeneratorSizes& sizes() const { return sizes_; }
  /// Sets the form of every modulated convolution.
  void set_form(nn::Modulation form);

  std::vector<EqualLinear> mapping;  ///< keys style.1, style.2, ...
  at::Tensor constant;               ///< key input.input, (1,C,4,4)
  StyledConv conv1{nullptr};
  ToRgb to_rgb1{nullptr};
  std::vector<StyledConv> convs;
  std::vector<ToRgb> to_rgbs;
  std::vector<at::Tensor> noises;  ///< buffers noises.noise_i, (1,1,r,r)

 private:
  GeneratorSizes sizes_;
};
TORCH_MODULE(Generator);

/// One code for every layer: (N,C) → (N,num_codes,C)
at::Tensor repeat_code(const at::Tensor& w, std::int64_t num_codes);
/// Codes before `from` of the first, the others of the second; both (N,num_codes,C).
at::Tensor mix_codes(const at::Tensor& first, const at::Tensor& second, std::int64_t from);
/// Truncation: centre + strength · (codes - centre).
at::Tensor truncate(const at::Tensor& codes, const at::Tensor& centre, double strength);
/// Mean of w over `count` draws of z: the code to which the encoder's codes are added. (C)
at::Tensor mean_code(Generator& generator, std::int64_t count);

}  // namespace mien::methods::ifer
