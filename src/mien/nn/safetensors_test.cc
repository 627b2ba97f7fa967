// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/safetensors.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "support/temp_dir.h"

namespace mien::nn {
namespace {

NamedTensors some_tensors() {
  return {{"a", torch::arange(6, at::kFloat).view({2, 3})},
          {"b", torch::tensor(7, at::kLong)},
          {"empty", torch::zeros({0, 4})}};
}

TEST(Safetensors, RoundTripKeepsOrderTypesAndMetadata) {
  const testing::TempDir dir;
  write_safetensors(dir / "x.safetensors", some_tensors(), {{"k", "v"}});
  const auto file = read_safetensors(dir / "x.safetensors");
  ASSERT_EQ(file.tensors.size(), 3u);
  EXPECT_TRUE(file.at("a").equal(some_tensors()[0].second));
  EXPECT_EQ(file.at("b").item<std::int64_t>(), 7);
  EXPECT_EQ(file.at("empty").sizes(), at::IntArrayRef({0, 4}));
  EXPECT_EQ(file.metadata.at("k"), "v");
  EXPECT_THROW(file.at("c"), Error);
}

TEST(Safetensors, TransposedTensorsAreWrittenAsTheyRead) {
  const testing::TempDir dir;
  const auto t = torch::arange(6, at::kFloat).view({2, 3}).t();
  write_safetensors(dir / "x.safetensors", {{"t", t}}, {});
  EXPECT_TRUE(read_safetensors(dir / "x.safetensors").at("t").equal(t));
}

TEST(Safetensors, EveryCutAndEveryFlippedByteIsRefused) {
  const testing::TempDir dir;
  write_safetensors(dir / "x.safetensors", some_tensors(), {{"k", "v"}});
  const std::string whole = read_file(dir / "x.safetensors");
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    write_file(dir / "cut", std::string_view(whole).substr(0, size));
    EXPECT_THROW(read_safetensors(dir / "cut"), Error) << size;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      write_file(dir / "flip", flipped);
      EXPECT_THROW(read_safetensors(dir / "flip"), Error) << "byte " << at << ", bit " << bit;
    }
  }
}

TEST(Safetensors, ImpossibleShapesAreRefusedBeforeAllocation) {
  const testing::TempDir dir;
  const std::string header = R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})";
  const std::uint64_t size = header.size();
  write_file(dir / "x", std::string(reinterpret_cast<const char*>(&size), 8) + header);
  EXPECT_THROW(read_safetensors(dir / "x"), Error);
}

}  // namespace
}  // namespace mien::nn
