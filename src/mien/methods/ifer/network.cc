// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/network.h"

namespace mien::methods::ifer {

FerNetImpl::FerNetImpl(const EncoderOptions& o, std::int64_t num_classes, FerHead kind) : kind_(kind) {
  const std::int64_t c = o.sizes.code();
  feature_model = register_module("feature_model", Encoder(o));
  if (kind != FerHead::latent) conv = register_module("conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(c, c, 1)));
  if (kind == FerHead::modulated)
    style_conv = register_module("style_conv", ModulatedConv2d(ModulatedConv2dOptions{c, c, 3, c, true, false}));
  head = register_module("head", torch::nn::Linear(c, num_classes));
}

FerOutput FerNetImpl::forward(const at::Tensor& images) {
  FerOutput out;
  out.encoder = feature_model->forward(images);
  out.mean_code = out.encoder.codes.mean(1, /*keepdim=*/true);
  at::Tensor features = out.mean_code.squeeze(1);
  if (kind_ != FerHead::latent) {
    out.structure = conv->forward(out.encoder.structure);
    out.modulated =
        kind_ == FerHead::modulated ? style_conv->forward(out.structure, out.mean_code.squeeze(1)) : out.structure;
    features = out.modulated.mean({2, 3});
  }
  out.logits = head->forward(features).to(at::kFloat);
  return out;
}

PerFaceAnswers::PerFaceAnswers(Encoder encoder) : encoder_(std::move(encoder)), before_(encoder_->global_query()) {
  if (before_ == GlobalQuery::reference) encoder_->set_global_query(GlobalQuery::per_face);
}

}  // namespace mien::methods::ifer
