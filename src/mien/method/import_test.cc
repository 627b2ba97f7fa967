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

std::vector<std::string> names_of(const nn::NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, value] : tensors) names.push_back(name);
  return names;
}

TEST(ToOurNames, PartsOfWrappersGoInAnyPositionAndPrefixesWhereMoreFits) {
  const Net net;
  const at::Tensor patch = torch::zeros({2, 3, 2, 2}), head = torch::zeros({7, 2});
  const std::vector<std::string> ours = {"patch", "head"};
  for (const auto& [first, second] :
       std::vector<std::pair<std::string, std::string>>{{"module.patch", "module.head"},
                                                        {"_orig_mod.module.patch", "_orig_mod.module.head"},
                                                        {"model.net.patch", "model.net.head"},
                                                        {"encoder.patch", "head"}})
    EXPECT_EQ(names_of(to_our_names({}, net, {{first, patch}, {second, head}})), ours) << first;
  // A prefix stays if removing it matches no more keys, and also if the network has it.
  EXPECT_EQ(names_of(to_our_names({}, net, {{"other.weight", patch}, {"patch", patch}})),
            (std::vector<std::string>{"other.weight", "patch"}));
  EXPECT_EQ(names_of(to_our_names({}, net, {{"x.y.patch", patch}, {"y.head", head}}, "file", {"y", "x."})), ours);
  EXPECT_THROW(to_our_names({}, net, {{"patch", patch}}, "file", {"z"}), Error);
}

TEST(ToOurNames, PiecesThatTheRulesNameAreJoined) {
  const Net net;
  ImportRules rules;
  rules.keys.infixes = {{".query.", ".qkv.[0]."}, {".key.", ".qkv.[1]."}};
  const nn::NamedTensors file = {{"a.key.weight", torch::full({1, 2}, 2.0f)},
                                 {"patch", torch::zeros({2, 3, 2, 2})},
                                 {"a.query.weight", torch::full({1, 2}, 1.0f)}};
  const auto named = to_our_names(rules, net, file, "file");
  EXPECT_EQ(names_of(named), (std::vector<std::string>{"a.qkv.weight", "patch"}));
  EXPECT_TRUE(named[0].second.equal(torch::tensor({{1.0f, 1.0f}, {2.0f, 2.0f}})));
  EXPECT_THROW(to_our_names(rules, net, {file[0], file[1]}, "file"), Error);
}

TEST(OneOfEqualRows, TakesARowOnlyWhereAllAreEqual) {
  const auto wanted = torch::zeros({2}), row = torch::tensor({1.f, 2.f});
  EXPECT_TRUE(one_of_equal_rows(row.expand({3, 2}), wanted).equal(row));
  EXPECT_TRUE(one_of_equal_rows(row, wanted).equal(row));
  const auto different = torch::tensor({{1.f, 2.f}, {1.f, 3.f}});
  EXPECT_TRUE(one_of_equal_rows(different, wanted).equal(different));
  EXPECT_EQ(one_of_equal_rows(torch::zeros({0, 2}), wanted).dim(), 2);
}

TEST(LoadWhatFits, SingleNumbersBesideTheNetworkAreNotUnexpected) {
  Net net;
  const auto report = load_what_fits(net, {{"n_averaged", torch::tensor(3)}, {"extra", torch::zeros({2})}});
  EXPECT_EQ(report.unexpected, (std::vector<std::string>{"extra (2)"}));
  EXPECT_EQ(report.others, (std::vector<std::string>{"n_averaged: a single number"}));
}

}  // namespace
}  // namespace mien::method
