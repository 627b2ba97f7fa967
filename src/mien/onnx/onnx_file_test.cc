// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/onnx_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "support/tiny_model.h"

namespace mien::onnx {
namespace {

std::span<const std::byte> bytes_of(const std::string& s) { return std::as_bytes(std::span(s)); }

std::string message_of(const std::string& bytes) {
  try {
    read_onnx(bytes_of(bytes), "file.onnx");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_FALSE(error.remedy().empty());
    return error.message();
  }
  return "";
}

TEST(OnnxFile, ReadsMetadataAndHashesWeights) {
  const std::string model = testing::tiny_model();
  const OnnxFile file = read_onnx(bytes_of(model), "tiny");
  EXPECT_EQ(file.num_weights, 8 * 256 + 8);
  ASSERT_TRUE(file.find(face::kCardKey));
  const Json card = parse_json(*file.find(face::kCardKey), "card");
  EXPECT_EQ(card["weights_hash"], file.weights_hash);
  EXPECT_FALSE(file.find("other"));
}

TEST(OnnxFile, HashFollowsNameShapeAndValues) {
  auto hash = [](const std::string& tensor) {
    using namespace mien::testing;
    return read_onnx(bytes_of(number_field(1, 8) + bytes_field(7, bytes_field(5, tensor))), "one").weights_hash;
  };
  using testing::tensor_proto;
  const std::string base = hash(tensor_proto("w", {2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(base,
            content_hash("w\n2x3\n" +
                         std::string("\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xa0\x40\0\0\xc0\x40", 24)));
  EXPECT_NE(base, hash(tensor_proto("v", {2, 3}, {1, 2, 3, 4, 5, 6})));
  EXPECT_NE(base, hash(tensor_proto("w", {3, 2}, {1, 2, 3, 4, 5, 6})));
  EXPECT_NE(base, hash(tensor_proto("w", {2, 3}, {1, 2, 3, 4, 5, 7})));
  // Packed dims, as proto3 writers have them, mean the same.
  using namespace mien::testing;
  const std::string packed = bytes_field(1, varint(2) + varint(3)) + tensor_proto("w", {}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(base, hash(packed));
}

TEST(OnnxFile, MetadataIsReplacedAndNothingElse) {
  const std::string model = testing::tiny_model();
  const std::string same =
      with_metadata(bytes_of(model), face::kCardKey, *read_onnx(bytes_of(model), "tiny").find(face::kCardKey), "tiny");
  EXPECT_EQ(same, model);
  // A long value (its length takes three bytes), a second key, and the first one again.
  const std::string longer = with_metadata(bytes_of(model), face::kCardKey, std::string(20000, 'x'), "tiny");
  const std::string two = with_metadata(bytes_of(longer), "other", "y", "tiny");
  const OnnxFile file = read_onnx(bytes_of(two), "two");
  EXPECT_EQ(file.metadata.size(), 3u);
  EXPECT_EQ(file.find(face::kCardKey)->size(), 20000u);
  EXPECT_EQ(file.find("other"), "y");
  EXPECT_EQ(file.weights_hash, read_onnx(bytes_of(model), "tiny").weights_hash);
  EXPECT_EQ(read_onnx(bytes_of(with_metadata(bytes_of(two), face::kCardKey, "z", "two")), "z").find("other"), "y");
  EXPECT_THROW(with_metadata(bytes_of(model.substr(0, model.size() / 2)), "k", "v", "cut"), Error);
}

TEST(OnnxFile, CutFilesAreErrorsOrLackTheirCard) {
  const std::string model = testing::tiny_model();
  for (std::size_t length = 0; length < model.size(); length += length < 64 ? 1 : 37) {
    const std::string cut = model.substr(0, length);
    try {  // the end of a field is a valid end of a message: then the card, which comes last, is missing
      EXPECT_FALSE(read_onnx(bytes_of(cut), "cut").find(face::kCardKey)) << length;
    } catch (const Error&) {
    }
  }
  EXPECT_THAT(message_of(model.substr(0, model.size() / 2)), ::testing::HasSubstr("truncated"));
}

TEST(OnnxFile, WeightsInAnotherFileAreNamed) {
  using namespace mien::testing;
  const std::string location = bytes_field(13, bytes_field(1, "location") + bytes_field(2, "net.onnx.data"));
  const std::string tensor = tensor_proto("w", {2}, {}) + location;
  EXPECT_THAT(message_of(number_field(1, 8) + bytes_field(7, bytes_field(5, tensor))),
              ::testing::HasSubstr("weights of this model are in another file, 'net.onnx.data'"));
  try {
    read_onnx(bytes_of(std::string(64, '\1')), "net.onnx.data");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), ::testing::HasSubstr("the weights of a model in another file"));
  }
}

TEST(OnnxFile, NeverReadsPastFlippedLengths) {
  const std::string model = testing::tiny_model(testing::tiny_card(6));
  const OnnxFile whole = read_onnx(bytes_of(model), "whole");
  EXPECT_EQ(whole.find(onnx::kModelHashKey), whole.model_hash);
  std::size_t noticed = 0, tried = 0;
  for (std::size_t i = 0; i < model.size(); i += i < 400 ? 1 : 13) {
    std::string bad = model;
    bad[i] = static_cast<char>(bad[i] ^ 0xFF);
    ++tried;
    try {
      const OnnxFile file = read_onnx(bytes_of(bad), "flipped");
      noticed += file.model_hash != whole.model_hash || file.metadata != whole.metadata;
    } catch (const Error&) {
      ++noticed;
    }
  }
  EXPECT_EQ(noticed, tried);  // node names, attributes and sizes too
}

TEST(OnnxFile, OtherFilesAreNotModels) {
  EXPECT_THAT(message_of(""), ::testing::HasSubstr("not an ONNX model"));
  EXPECT_THAT(message_of("\x89PNG\r\n\x1A\n picture"), ::testing::HasSubstr("not an ONNX model"));
  EXPECT_THAT(message_of(std::string(100, '\0')), ::testing::HasSubstr("not an ONNX model"));
  EXPECT_THAT(message_of(std::string(100, '\xFF')), ::testing::HasSubstr("not an ONNX model"));
}

}  // namespace
}  // namespace mien::onnx
