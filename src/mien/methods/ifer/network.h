// SPDX-License-Identifier: Apache-2.0
// The recognition network: the mean code modulates a convolution over the structure code (card 2.4).
#pragma once

#include <array>

#include "mien/methods/ifer/encoder.h"
#include "mien/methods/ifer/modulated.h"

namespace mien::methods::ifer {

/// The input of the classifier.
enum class FerHead {
  modulated,  ///< structure code, modulated by the mean code
  structure,  ///< only the structure code
  latent,     ///< only the mean code
};
constexpr auto words_of(FerHead) { return std::array{"modulated", "structure", "latent"}; }

struct FerOutput {
  at::Tensor logits;     ///< (N,K) float32
  at::Tensor mean_code;  ///< (N,1,C)
  at::Tensor structure;  ///< (N,C,4,4), after the 1×1 convolution; undefined for the latent head
  at::Tensor modulated;  ///< (N,C,4,4), the map that is pooled; undefined for the latent head
  EncoderOutput encoder;
};

class FerNetImpl : public torch::nn::Module {
 public:
  FerNetImpl(const EncoderOptions& options, std::int64_t num_classes, FerHead kind);
  FerOutput forward(const at::Tensor& images);

  Encoder feature_model{nullptr};
  torch::nn::Conv2d conv{nullptr};      ///< null for the latent head
  ModulatedConv2d style_conv{nullptr};  ///< null except for the modulated head
  torch::nn::Linear head{nullptr};

 private:
  FerHead kind_;
};
TORCH_MODULE(FerNet);

/// During its lifetime, each face of a batch gets the result of a batch of one, even with GlobalQuery::reference.
class PerFaceAnswers {
 public:
  explicit PerFaceAnswers(Encoder encoder);
  ~PerFaceAnswers() { encoder_->set_global_query(before_); }
  PerFaceAnswers(const PerFaceAnswers&) = delete;
  PerFaceAnswers& operator=(const PerFaceAnswers&) = delete;

 private:
  Encoder encoder_;
  GlobalQuery before_;
};

}  // namespace mien::methods::ifer
