// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/weights_file.h"

#include <gtest/gtest.h>
#include <torch/serialize.h>

#include "mien/base/file.h"
#include "support/temp_dir.h"

namespace mien::nn {
namespace {

using Dict = c10::Dict<std::string, at::Tensor>;

Dict dict_of(const std::string& key, float value) {
  Dict dict;
  dict.insert(key, torch::full({2}, value));
  return dict;
}

TEST(ReadWeights, JoinsTheDictionariesOfAFile) {
  const testing::TempDir dir;
  c10::Dict<std::string, Dict> root;
  root.insert("base_state_dict", dict_of("module.conv.weight", 1));
  root.insert("region_state_dict", dict_of("fc.weight", 2));
  const auto bytes = torch::pickle_save(root);
  write_file(dir / "three.pth", std::string_view(bytes.data(), bytes.size()));
  const std::vector<DictPart> parts = {{"base_state_dict", "base."}, {"region_state_dict", "region."}};
  const auto file = read_weights(dir / "three.pth", {}, {}, parts);
  ASSERT_EQ(file.file.tensors.size(), 2u);
  EXPECT_EQ(file.file.at("base.conv.weight")[0].item<float>(), 1);
  EXPECT_EQ(file.file.at("region.fc.weight")[1].item<float>(), 2);
  EXPECT_EQ(file.entry, "base_state_dict, region_state_dict");
  // One entry asked for, or a part that is not there: as before.
  EXPECT_EQ(read_weights(dir / "three.pth", {}, "region_state_dict", parts).file.tensors[0].first, "fc.weight");
  const std::vector<DictPart> others = {{"other", ""}};
  EXPECT_EQ(read_weights(dir / "three.pth", {"base_state_dict"}, {}, others).entry, "base_state_dict");
}

}  // namespace
}  // namespace mien::nn
