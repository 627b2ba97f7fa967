// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/network.h"

#include <gtest/gtest.h>

#include "mien/nn/state.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

std::int64_t parameters_with(void (*change)(FerYoloMambaConfig&), std::int64_t classes = 7) {
  FerYoloMambaConfig config;
  change(config);
  return nn::count_parameters(*FerYoloMambaNet(config, classes, 3));
}

TEST(FerYoloMambaNet, HasThePublishedSize) {  // card 2 and 6
  FerYoloMambaNet net(FerYoloMambaConfig{}, 7, 3);
  EXPECT_EQ(nn::count_parameters(*net), 10'256'772);
  EXPECT_EQ(net->parameters().size(), 279u);
  EXPECT_EQ(nn::state_of(*net).size(), 468u);
  EXPECT_EQ(parameters_with([](auto& c) { c.p3_stride = 16; }), 10'256'772);
  EXPECT_EQ(parameters_with([](auto& c) { c.neck = Neck::csp; }), 8'940'004);
  EXPECT_EQ(parameters_with([](auto& c) { c.directions = 4; }), 9'785'732);
  EXPECT_EQ(parameters_with([](auto& c) { c.directions = 1; }), 9'432'452);
  EXPECT_EQ(parameters_with([](auto& c) { c.ssm = false; }), 8'311'684);
  EXPECT_EQ(parameters_with([](auto& c) { c.convolutions = false; }), 10'085'348);
  EXPECT_EQ(parameters_with([](auto& c) { c.attention = Attention::none; }), 10'251'492);
  EXPECT_EQ(parameters_with([](auto&) {}, 8), 10'257'159);
}

TEST(FerYoloMambaNet, EveryPartHasThePublishedSize) {  // card 2, the table's last column
  FerYoloMambaNet net(FerYoloMambaConfig{}, 7, 3);
  const auto size = [&](const std::string& prefix) {
    std::int64_t count = 0;
    for (const auto& p : net->named_parameters())
      if (p.key().starts_with(prefix)) count += p.value().numel();
    return count;
  };
  EXPECT_EQ(size("backbone.backbone.stem."), 3'520);
  EXPECT_EQ(size("backbone.backbone.dark2."), 37'376);
  EXPECT_EQ(size("backbone.backbone.dark3."), 230'912);
  EXPECT_EQ(size("backbone.backbone.dark4."), 920'576);
  EXPECT_EQ(size("backbone.backbone.dark5."), 3'020'288);
  EXPECT_EQ(size("backbone.lateral_conv0."), 131'584);
  EXPECT_EQ(size("backbone.C3_p4.0."), 1'066'816);
  EXPECT_EQ(size("backbone.reduce_conv1."), 65'792);
  EXPECT_EQ(size("backbone.C3_p3.0."), 319'888);
  EXPECT_EQ(size("backbone.reduce_conv111."), 295'168);
  EXPECT_EQ(size("backbone.bu_conv2."), 295'168);
  EXPECT_EQ(size("backbone.C3_n3.0."), 319'888);
  EXPECT_EQ(size("backbone.bu_conv1."), 590'336);
  EXPECT_EQ(size("backbone.C3_n4.0."), 1'066'816);
  EXPECT_EQ(size("head."), 609'036 + 625'420 + 658'188);
  EXPECT_EQ(size("backbone.C3_n4.0.self_attention."), 735'232);
  EXPECT_EQ(size("backbone.C3_n3.0.self_attention."), 236'544);
  EXPECT_EQ(size("backbone.C3_n4.0.frm."), 68'416);
  EXPECT_EQ(size("backbone.C3_n3.0.frm."), 17'296);
}

TEST(FerYoloMambaNet, MapsHaveTheStridesOfTheirLevels) {
  const torch::NoGradGuard no_grad;
  for (const int stride : {8, 16}) {
    FerYoloMambaConfig config;
    config.p3_stride = stride;
    config.width = 16;
    FerYoloMambaNet net(config, 7, 3);
    net->eval();
    const Levels heads = net->forward(torch::randn({2, 3, 64, 96})).heads;
    EXPECT_EQ(heads[0].sizes(), at::IntArrayRef({2, 12, 64 / stride, 96 / stride}));
    EXPECT_EQ(heads[1].sizes(), at::IntArrayRef({2, 12, 4, 6}));
    EXPECT_EQ(heads[2].sizes(), at::IntArrayRef({2, 12, 2, 3}));
  }
}

TEST(FerYoloMambaNet, StartsAsTheCardSays) {  // card 2.4 and 9
  torch::manual_seed(5);
  FerYoloMambaNet net(FerYoloMambaConfig{}, 7, 3);
  initialise(net);
  OmniScan scan = net->backbone->blocks()[0]->self_attention;
  const at::Tensor step = at::softplus(scan->dt_projs_bias);
  EXPECT_GE(step.min().item<float>(), 0.999e-3f);
  EXPECT_LE(step.max().item<float>(), 0.1001f);
  EXPECT_TRUE(at::allclose(at::exp(scan->a_logs)[100], at::arange(1, 17).to(at::kFloat)));
  EXPECT_EQ(scan->ds.min().item<float>(), 1);
  EXPECT_NEAR(scan->conv2d->weight.std().item<double>(), 0.02, 0.001);
  const auto stem = net->backbone->backbone->stem->conv;
  EXPECT_NEAR(stem->conv->weight.std().item<double>(), 0.02, 0.002);
  EXPECT_NEAR(stem->bn->weight.mean().item<double>(), 1, 0.02);
  EXPECT_GT(scan->in_proj->weight.std().item<double>(), 0.025);  // linear layers keep LibTorch's default
}

}  // namespace
}  // namespace mien::methods::fer_yolo_mamba
