// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/graph.h"

#include <gtest/gtest.h>

#include "mien/base/hash.h"
#include "mien/base/version.h"
#include "mien/onnx/onnx_writer.h"
#include "mien/onnx/wire.h"
#include "support/initializer.h"
#include "support/tiny_model.h"

namespace mien::onnx {
namespace {

using testing::bytes_field;
using testing::floats;
using testing::number_field;

TEST(Wire, EncodesAsProtobufDoes) {
  WireWriter w;
  w.integer(1, 150);  // the example of protobuf's own documentation
  EXPECT_EQ(w.str(), std::string("\x08\x96\x01"));
  WireWriter text;
  text.bytes(2, "testing");
  EXPECT_EQ(text.str(), std::string("\x12\x07testing"));
  WireWriter outer;
  outer.message(3, w);
  EXPECT_EQ(outer.str(), std::string("\x1a\x03\x08\x96\x01"));
  WireWriter negative;
  negative.integer(1, -1);
  EXPECT_EQ(negative.str(), "\x08" + std::string(9, '\xff') + "\x01");
  WireWriter real;
  real.real(20, 1.0f);  // two bytes of key: 20 << 3 | 5 = 165
  EXPECT_EQ(real.str(), std::string("\xa5\x01\x00\x00\x80\x3f", 6));
}

TEST(OnnxWriter, WritesATinyGraphByteForByte) {
  Graph g;
  g.name = "tiny";
  g.inputs = {{"input", {kBatch, 2}}};
  g.outputs = {{"logits", {kBatch, 1}}, {"rows", {2 * kBatch}}};
  g.nodes = {
      {"Gemm", {"input", "w"}, {"logits"}, {{"alpha", 2.0f}, {"transB", std::int64_t{1}}}},
      {"Foo", {"input", ""}, {"rows"}, {{"mode", std::string("x")}, {"axes", std::vector<std::int64_t>{1, -1}}}}};
  g.initializers = {floats("w", {1, 2}, {1, -2})};

  auto dimension = [](const std::string& content) { return bytes_field(1, content); };
  auto value = [](const std::string& name, const std::string& dims) {
    return bytes_field(1, name) + bytes_field(2, bytes_field(1, number_field(1, 1) + bytes_field(2, dims)));
  };
  const std::string batch = dimension(bytes_field(2, "batch"));
  const std::string gemm =
      bytes_field(1, "input") + bytes_field(1, "w") + bytes_field(2, "logits") + bytes_field(3, "Gemm_0") +
      bytes_field(4, "Gemm") +
      bytes_field(5, bytes_field(1, "alpha") + std::string("\x15\x00\x00\x00\x40", 5) + number_field(20, 1)) +
      bytes_field(5, bytes_field(1, "transB") + number_field(3, 1) + number_field(20, 2));
  const std::string foo = bytes_field(1, "input") + bytes_field(1, "") + bytes_field(2, "rows") +
                          bytes_field(3, "Foo_1") + bytes_field(4, "Foo") +
                          bytes_field(5, bytes_field(1, "mode") + bytes_field(4, "x") + number_field(20, 3)) +
                          bytes_field(5, bytes_field(1, "axes") + number_field(8, 1) +
                                             number_field(8, static_cast<std::uint64_t>(-1)) + number_field(20, 7));
  const std::string graph = bytes_field(1, gemm) + bytes_field(1, foo) + bytes_field(2, "tiny") +
                            bytes_field(5, testing::tensor_proto("w", {1, 2}, {1, -2})) +
                            bytes_field(11, value("input", batch + dimension(number_field(1, 2)))) +
                            bytes_field(12, value("logits", batch + dimension(number_field(1, 1)))) +
                            bytes_field(12, value("rows", dimension(bytes_field(2, "2*batch"))));
  const std::string model = number_field(1, 8) + bytes_field(2, "mien") + bytes_field(3, version()) +
                            bytes_field(7, graph) + bytes_field(8, number_field(2, 17));
  const std::string expected =
      model + bytes_field(14, bytes_field(1, onnx::kModelHashKey) + bytes_field(2, content_hash(model))) +
      bytes_field(14, bytes_field(1, "k") + bytes_field(2, "v"));
  EXPECT_EQ(write_onnx(g, {{"k", "v"}}), expected);
}

TEST(OnnxWriter, NamesTheOwnDomainAndTheTypesOfOutputs) {
  Graph g;
  g.outputs = {{"n", {2}, ElementType::int64}};
  g.nodes = {{"SelectiveScan", {}, {"n"}, {}, kOwnDomain}};
  const std::string bytes = write_onnx(g, {});
  EXPECT_NE(bytes.find(bytes_field(8, bytes_field(1, "mien") + number_field(2, 1))), std::string::npos);
  EXPECT_NE(bytes.find(bytes_field(4, "SelectiveScan") + bytes_field(7, "mien")), std::string::npos);
  EXPECT_NE(bytes.find(number_field(1, 7) + bytes_field(2, bytes_field(1, number_field(1, 2)))), std::string::npos);
}

TEST(WeightsHash, IsOverNameShapeAndBytesInFileOrder) {
  Graph g;
  g.initializers = {floats("a", {2, 1}, {1, 2}), floats("s", {}, {3})};
  const float numbers[3] = {1, 2, 3};
  const std::string raw(reinterpret_cast<const char*>(numbers), sizeof numbers);
  EXPECT_EQ(weights_hash(g), content_hash("a\n2x1\n" + raw.substr(0, 8) + "s\n\n" + raw.substr(8)));
  EXPECT_EQ(count_parameters(g), 2);  // a single number comes from the code
  std::swap(g.initializers[0], g.initializers[1]);
  EXPECT_NE(weights_hash(g), content_hash("a\n2x1\n" + raw.substr(0, 8) + "s\n\n" + raw.substr(8)));
}

}  // namespace
}  // namespace mien::onnx
