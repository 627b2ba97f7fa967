// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/network.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/kernels/scan_order.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

at::Tensor twice_as_large(const at::Tensor& x) { return at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}); }

torch::nn::Conv2d predictor(std::int64_t in, std::int64_t out) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 1));
}

}  // namespace

PyramidImpl::PyramidImpl(const FerYoloMambaConfig& config, std::int64_t c, std::int64_t in_channels) {
  backbone = register_module("backbone", Darknet(c, in_channels));
  lateral_conv0 = register_module("lateral_conv0", ConvBlock(ConvOptions{16 * c, 8 * c}));
  if (config.neck == Neck::csp) {
    add_csp(c);
  } else {
    add_blocks(config, c);
  }
}

void PyramidImpl::add_csp(std::int64_t c) {
  const auto csp = [&](const std::string& name, std::int64_t in, std::int64_t out) {
    csp_.push_back(register_module(name, CspLayer(CspOptions{in, out, 1, false})));
  };
  csp("C3_p4", 16 * c, 8 * c);
  reduce_conv1 = register_module("reduce_conv1", ConvBlock(ConvOptions{8 * c, 4 * c}));
  csp("C3_p3", 8 * c, 4 * c);
  bu_conv2 = register_module("bu_conv2", ConvBlock(ConvOptions{4 * c, 4 * c, 3, 2}));
  csp("C3_n3", 8 * c, 8 * c);
  bu_conv1 = register_module("bu_conv1", ConvBlock(ConvOptions{8 * c, 8 * c, 3, 2}));
  csp("C3_n4", 16 * c, 16 * c);
}

void PyramidImpl::add_blocks(const FerYoloMambaConfig& config, std::int64_t c) {
  const auto block = [&](const std::string& name, std::int64_t channels) {
    VssOptions options;
    options.channels = channels;
    options.convolutions = config.convolutions;
    options.scan = config.ssm;
    options.attention = config.attention == Attention::abmlp;
    options.directions = config.directions;
    options.zero_order_hold = config.scan == Discretisation::zero_order_hold;
    blocks_.push_back(VssBlock(options));
    return register_module(name, torch::nn::Sequential(blocks_.back()));
  };
  c3_p4 = block("C3_p4", 16 * c);
  reduce_conv1 = register_module("reduce_conv1", ConvBlock(ConvOptions{16 * c, 4 * c}));
  c3_p3 = block("C3_p3", 8 * c);
  reduce_conv111 = register_module("reduce_conv111", ConvBlock(ConvOptions{8 * c, 4 * c, 3, config.p3_stride / 8}));
  bu_conv2 = register_module("bu_conv2", ConvBlock(ConvOptions{8 * c, 4 * c, 3, 2}));
  c3_n3 = block("C3_n3", 8 * c);
  bu_conv1 = register_module("bu_conv1", ConvBlock(ConvOptions{8 * c, 8 * c, 3, 2}));
  c3_n4 = block("C3_n4", 16 * c);
}

NeckOutput PyramidImpl::forward(const DarknetOutput& features, bool with_evidence) {
  NeckOutput out;
  if (with_evidence) out.evidence.resize(blocks_.size());
  const auto block = [&](std::size_t i, const at::Tensor& x) {
    if (blocks_.empty()) return csp_[i]->forward(x);
    return blocks_[i]->run(x, with_evidence ? &out.evidence[i] : nullptr);
  };
  const at::Tensor p5 = lateral_conv0->forward(features.dark5);
  out.c3_p4 = block(0, at::cat({twice_as_large(p5), features.dark4}, 1));
  const at::Tensor p4 = reduce_conv1->forward(out.c3_p4);
  out.c3_p3 = block(1, at::cat({twice_as_large(p4), features.dark3}, 1));
  out.levels[0] = reduce_conv111.is_empty() ? out.c3_p3 : reduce_conv111->forward(out.c3_p3);
  out.c3_n3 = block(2, at::cat({bu_conv2->forward(out.c3_p3), p4}, 1));
  out.levels[1] = out.c3_n3;
  out.c3_n4 = block(3, at::cat({bu_conv1->forward(out.c3_n3), p5}, 1));
  out.levels[2] = out.c3_n4;
  return out;
}

HeadImpl::HeadImpl(std::int64_t num_classes, std::int64_t c) {
  const std::int64_t inner = 4 * c;
  const auto pair = [&] {
    return torch::nn::Sequential(ConvBlock(ConvOptions{inner, inner, 3}), ConvBlock(ConvOptions{inner, inner, 3}));
  };
  const auto list = [&](const char* name) { return register_module(name, torch::nn::ModuleList()); };
  torch::nn::ModuleList cls_convs = list("cls_convs"), reg_convs = list("reg_convs"), cls_preds = list("cls_preds"),
                        reg_preds = list("reg_preds"), obj_preds = list("obj_preds"), stems = list("stems");
  for (const std::int64_t in : {4 * c, 8 * c, 16 * c}) {
    levels.push_back({ConvBlock(ConvOptions{in, inner}), pair(), pair(), predictor(inner, num_classes),
                      predictor(inner, 4), predictor(inner, 1)});
    stems->push_back(levels.back().stem);
    cls_convs->push_back(levels.back().cls_convs);
    reg_convs->push_back(levels.back().reg_convs);
    cls_preds->push_back(levels.back().cls_pred);
    reg_preds->push_back(levels.back().reg_pred);
    obj_preds->push_back(levels.back().obj_pred);
  }
}

Levels HeadImpl::forward(const Levels& maps) {
  Levels out;
  for (std::size_t i = 0; i < kLevels; ++i) {
    Level& level = levels[i];
    const at::Tensor x = level.stem->forward(maps[i]);
    const at::Tensor boxes = level.reg_convs->forward(x), classes = level.cls_convs->forward(x);
    out[i] =
        at::cat({level.reg_pred->forward(boxes), level.obj_pred->forward(boxes), level.cls_pred->forward(classes)}, 1);
  }
  return out;
}

FerYoloMambaNetImpl::FerYoloMambaNetImpl(const FerYoloMambaConfig& config, std::int64_t num_classes,
                                         std::int64_t in_channels) {
  const std::int64_t c = config.width;
  if (config.p3_stride != 8 && config.p3_stride != 16)
    fail_usage(fmt::format("model.p3_stride = {} is neither 8 nor 16.", config.p3_stride));
  kernels::scan_directions(config.directions);  // throws for numbers other than 8, 4, 2 and 1
  backbone = register_module("backbone", Pyramid(config, c, in_channels));
  head = register_module("head", Head(num_classes, c));
}

NetworkOutput FerYoloMambaNetImpl::forward(const at::Tensor& images, bool with_evidence) {
  check_input(images.dim() == 4 && images.size(2) % 32 == 0 && images.size(3) % 32 == 0 && images.size(2) > 0 &&
                  images.size(3) > 0,
              fmt::format("FER-YOLO-Mamba needs pictures (B,C,H,W) whose sides are multiples of 32, got {}.",
                          nn::shape_text(images.sizes())));
  NetworkOutput out;
  out.features = backbone->backbone->forward(images);
  out.neck = backbone->forward(out.features, with_evidence);
  out.heads = head->forward(out.neck.levels);
  return out;
}

void initialise(FerYoloMambaNet& network) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : network->modules()) {
    if (auto* conv = module->as<torch::nn::Conv2d>()) {
      conv->reset_parameters();  // the bias, drawn again under the caller's seed
      conv->weight.normal_(0, 0.02);
    } else if (auto* norm = module->as<torch::nn::BatchNorm2d>()) {
      norm->reset_parameters();
      norm->reset_running_stats();
      norm->weight.normal_(1, 0.02);
    } else if (auto* linear = module->as<torch::nn::Linear>()) {
      linear->reset_parameters();
    } else if (auto* scan = module->as<OmniScan>()) {
      scan->reset_parameters();
    }
  }
}

}  // namespace mien::methods::fer_yolo_mamba
