// SPDX-License-Identifier: Apache-2.0
// Card section 9: tiny, 32 pictures, no augmentation, AdamW at 1e-3, from the method's own initialisation: all correct
// within 200 steps. The pictures are smooth noise generated here, so only memorisation helps.
#include <gtest/gtest.h>

#include "mien/methods/vit_se/network.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::vit_se {
namespace {

TEST(VitSe, OverfitsThirtyTwoPictures) {
  torch::manual_seed(0);
  const at::Tensor labels = torch::randint(0, 8, {32}, at::kLong);
  const at::Tensor hard = at::one_hot(labels, 8).to(at::kFloat);
  const at::Tensor images = at::upsample_bilinear2d(torch::randn({32, 1, 8, 8}), {64, 64}, /*align_corners=*/false);
  VitSeConfig config;
  config.preset = Preset::tiny;
  config.augment = Augment::none;
  face::InputSpec input;
  input.width = input.height = 64;
  VitSeNet net(config, vit_options(config, input), 8);
  initialise(net);
  torch::optim::AdamW adam(net->parameters(), torch::optim::AdamWOptions(1e-3));
  int steps = 0;
  for (bool all_right = false; !all_right && steps < 200; ++steps) {
    const HeadOutput out = net->forward(images);
    all_right = out.logits.argmax(1).equal(labels);
    adam.zero_grad();
    nn::cross_entropy(out.logits, hard).backward();
    adam.step();
  }
  EXPECT_LT(steps, 200);
}

}  // namespace
}  // namespace mien::methods::vit_se
