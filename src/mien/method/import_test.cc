// SPDX-License-Identifier: Apache-2.0
#include "mien/method/import.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"

namespace mien::method {
namespace {

/// A patch convolution, a position embedding of one class row and a 2 × 2 grid, and a head.
struct Net : torch::nn::Module {
  Net() {
    patch = register_parameter("patch", torch::zeros({2, 3, 2, 2}));
    pos_embed = register_parameter("pos_embed", torch::zeros({1, 5, 2}));
    head = register_parameter("head", torch::zeros({7, 2}));
  }
  at::Tensor patch, pos_embed, head;
};

ImportRules vit_rules() {
  ImportRules rules;
  rules.reshaped = {"patch"};
  rules.position_grids = {{"pos_embed", 1}};
  return rules;
}

TEST(BroughtToShape, ViewsAndResizesWhatTheRulesName) {
  Net net;
  const nn::NamedTensors file = {{"patch", torch::arange(24.0f).view({2, 12})},
                                 {"pos_embed", torch::ones({1, 17, 2})},
                                 {"head", torch::zeros({14, 1})}};
  std::vector<std::string> notes;
  const auto weights = brought_to_shape(vit_rules(), net, file, notes);
  EXPECT_EQ(weights[0].second.sizes(), net.patch.sizes());
  EXPECT_EQ(weights[0].second[1][0][0][0].item<float>(), 12);
  EXPECT_EQ(weights[1].second.sizes(), net.pos_embed.sizes());
  EXPECT_EQ(weights[2].second.size(0), 14);  // no rule names it
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0], "patch: (2, 12) in the file, viewed to (2, 3, 2, 2)");
  EXPECT_EQ(notes[1], "pos_embed: (1, 17, 2) in the file, resized to (1, 5, 2)");
  const auto report = load_what_fits(net, weights);
  EXPECT_EQ(report.loaded, 2u);
  EXPECT_EQ(report.mismatched.size(), 1u);
}

TEST(BroughtToShape, AnEmbeddingThatIsNoGridIsRefused) {
  Net net;
  std::vector<std::string> notes;
  EXPECT_THROW(brought_to_shape(vit_rules(), net, {{"pos_embed", torch::ones({1, 8, 2})}}, notes), Error);
}

}  // namespace
}  // namespace mien::method
