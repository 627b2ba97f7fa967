// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/vit_se/foreign_weights.h"

#include <gtest/gtest.h>

#include <map>

#include "mien/base/error.h"
#include "mien/method/import.h"
#include "mien/methods/vit_se/config.h"
#include "mien/nn/state.h"
#include "support/method_case.h"

namespace mien::methods::vit_se {

testing::MethodCase method_case();

namespace {

VitOptions small(std::int64_t channels = 3) {
  VitOptions o;
  o.channels = channels, o.height = o.width = 32, o.patch = 8, o.dim = 12, o.heads = 2, o.depth = 2, o.mlp_hidden = 24;
  o.qkv_bias = true;
  return o;
}

std::map<std::string, at::Tensor> backbone_of(std::int64_t seed) {
  VisionTransformer vit(small());
  nn::fill_by_formula(*vit, std::to_string(seed));
  std::map<std::string, at::Tensor> out;
  for (const auto& [key, value] : nn::state_of(*vit)) out.emplace(key, value.detach());
  return out;
}

std::map<std::string, at::Tensor> read(const nn::NamedTensors& file, const VitOptions& o = small()) {
  std::map<std::string, at::Tensor> out;
  for (const auto& [key, value] : from_foreign(file, o, "file.pth")) out.emplace(key, value);
  return out;
}

void expect_whole(const std::map<std::string, at::Tensor>& got, const std::map<std::string, at::Tensor>& wanted) {
  EXPECT_EQ(got.size(), wanted.size());
  for (const auto& [key, value] : wanted) {
    ASSERT_TRUE(got.contains("model." + key)) << key;
    EXPECT_TRUE(got.at("model." + key).equal(value)) << key;
  }
}

TEST(ForeignWeights, TimmWithItsHeadAndAMatrixForTheKernel) {
  const auto wanted = backbone_of(1);
  nn::NamedTensors file;
  for (const auto& [key, value] : wanted)
    file.emplace_back(key, key == "patch_embed.proj.weight" ? value.reshape({12, 192}) : value);
  file.emplace_back("head.weight", torch::zeros({1000, 12}));
  file.emplace_back("pre_logits.fc.weight", torch::zeros({12, 12}));
  expect_whole(read(file), wanted);
}

/// The layout of transformers' ViTForImageClassification, written out for one key of each kind.
std::string hugging_face_name(std::string key) {
  const std::pair<const char*, const char*> parts[] = {{"blocks.", "encoder.layer."},
                                                       {"norm1", "layernorm_before"},
                                                       {"norm2", "layernorm_after"},
                                                       {"attn.proj", "attention.output.dense"},
                                                       {"mlp.fc1", "intermediate.dense"},
                                                       {"mlp.fc2", "output.dense"},
                                                       {"patch_embed.proj", "embeddings.patch_embeddings.projection"},
                                                       {"pos_embed", "embeddings.position_embeddings"},
                                                       {"cls_token", "embeddings.cls_token"}};
  if (key.starts_with("norm.")) return "vit.layernorm." + key.substr(5);
  for (const auto& [ours, theirs] : parts)
    if (const auto at = key.find(ours); at != std::string::npos) key.replace(at, std::string(ours).size(), theirs);
  return "vit." + key;
}

/// A transformer under transformers' names, with separate query, key and value.
nn::NamedTensors hugging_face_file(const std::map<std::string, at::Tensor>& backbone) {
  nn::NamedTensors file;
  for (const auto& [key, value] : backbone) {
    const auto at = key.find("attn.qkv.");
    if (at == std::string::npos) {
      file.emplace_back(hugging_face_name(key), value);
      continue;
    }
    const auto parts = value.chunk(3, 0);
    for (std::size_t i = 0; i < 3; ++i)
      file.emplace_back(hugging_face_name(key.substr(0, at)) + "attention.attention." +
                            std::array{"query", "key", "value"}[i] + key.substr(at + 8),
                        parts[i]);
  }
  return file;
}

TEST(ForeignWeights, HuggingFaceJoinsQueryKeyAndValue) {
  const auto wanted = backbone_of(2);
  nn::NamedTensors file = hugging_face_file(wanted);
  file.emplace_back("classifier.weight", torch::zeros({1000, 12}));
  file.emplace_back("vit.pooler.dense.weight", torch::zeros({12, 12}));
  expect_whole(read(file), wanted);
  std::erase_if(file, [](const auto& e) { return e.first == "vit.encoder.layer.1.attention.attention.key.bias"; });
  EXPECT_THROW(read(file), Error);
}

// mien import FILE --method vit-se
TEST(ForeignWeights, ImportReadsHuggingFacesNames) {
  auto method = testing::build(*make_config(), method_case());
  std::map<std::string, at::Tensor> backbone;
  for (const auto& [key, value] : nn::state_of(method->network()))
    if (const std::string start = "model."; key.starts_with(start))
      backbone.emplace(key.substr(start.size()), torch::rand_like(value));
  nn::NamedTensors file = hugging_face_file(backbone);
  file.emplace_back("classifier.weight", torch::zeros({1000, 12}));
  const auto rules = method->import_rules();
  const auto ours = method::to_our_names(rules, method->network(), file);
  const auto report = method::load_what_fits(method->network(), ours, rules.optional);
  EXPECT_TRUE(report.complete());
  EXPECT_EQ(report.loaded, backbone.size());
  for (const auto& [key, value] : nn::state_of(method->network()))
    if (key.starts_with("model.blocks.0.attn.qkv.")) {
      EXPECT_TRUE(value.equal(backbone.at(key.substr(6)))) << key;
    }
}

TEST(ForeignWeights, OurOwnRunKeepsItsHead) {
  nn::NamedTensors file;
  for (const auto& [key, value] : backbone_of(3)) file.emplace_back("model." + key, value);
  file.emplace_back("head.fc1.weight", torch::ones({3, 12}));
  EXPECT_TRUE(read(file).at("head.fc1.weight").equal(torch::ones({3, 12})));
}

TEST(ForeignWeights, GreyNetworksTakeTheSumOfTheChannels) {
  const auto kernel = torch::randn({12, 3, 8, 8});
  const auto got = read({{"patch_embed.proj.weight", kernel}, {"blocks.0.norm1.weight", torch::ones({12})}}, small(1));
  EXPECT_TRUE(got.at("model.patch_embed.proj.weight").equal(kernel.sum(1, true)));
}

TEST(ForeignWeights, PositionsOfAnotherGridAreResized) {
  const auto got = read({{"pos_embed", torch::ones({1, 5, 12})}, {"norm.weight", torch::ones({12})}});
  EXPECT_TRUE(got.at("model.pos_embed").equal(torch::ones({1, 17, 12})));
}

}  // namespace
}  // namespace mien::methods::vit_se
