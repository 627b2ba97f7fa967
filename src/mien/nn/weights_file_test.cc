// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/weights_file.h"

#include <gtest/gtest.h>

namespace mien::nn {
namespace {

/// torch.save({"epoch": 3, "base_state_dict": {"module.conv.weight": [1, 1]}, "region_state_dict": {"fc.weight": [2,
/// 2]}})
constexpr const char* kFile = "tests/weights/several_dictionaries.pth";

TEST(ReadWeights, JoinsTheDictionariesOfAFile) {
  const std::vector<DictPart> parts = {{"base_state_dict", "base."}, {"region_state_dict", "region."}};
  const auto file = read_weights(kFile, {}, {}, parts);
  ASSERT_EQ(file.file.tensors.size(), 2u);
  EXPECT_EQ(file.file.at("base.conv.weight")[0].item<float>(), 1);
  EXPECT_EQ(file.file.at("region.fc.weight")[1].item<float>(), 2);
  EXPECT_EQ(file.entry, "base_state_dict, region_state_dict");
  // One requested entry, or a missing part: as before.
  EXPECT_EQ(read_weights(kFile, {}, "region_state_dict", parts).file.tensors[0].first, "fc.weight");
  const std::vector<DictPart> others = {{"other", ""}};
  EXPECT_EQ(read_weights(kFile, {"base_state_dict"}, {}, others).entry, "base_state_dict");
}

}  // namespace
}  // namespace mien::nn
