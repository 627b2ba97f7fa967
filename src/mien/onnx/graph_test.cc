// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/graph.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "mien/base/error.h"
#include "mien/base/hash.h"
#include "mien/base/version.h"
#include "mien/onnx/onnx_writer.h"
#include "mien/onnx/passes.h"
#include "mien/onnx/wire.h"
#include "support/tiny_model.h"

namespace mien::onnx {
namespace {

using testing::bytes_field;
using testing::number_field;

Initializer floats(const std::string& name, std::vector<std::int64_t> dims, const std::vector<float>& values) {
  return {name, ElementType::float32, std::move(dims),
          std::string(reinterpret_cast<const char*>(values.data()), 4 * values.size())};
}

std::vector<float> values_of(const Graph& graph, const std::string& name) {
  for (const auto& i : graph.initializers) {
    if (i.name != name) continue;
    std::vector<float> values(i.bytes.size() / 4);
    std::memcpy(values.data(), i.bytes.data(), i.bytes.size());
    return values;
  }
  ADD_FAILURE() << "no initializer " << name;
  return {};
}

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

TEST(WeightsHash, IsOverNameShapeAndBytesInFileOrder) {
  Graph g;
  g.initializers = {floats("a", {2, 1}, {1, 2}), floats("s", {}, {3})};
  const float numbers[3] = {1, 2, 3};
  const std::string raw(reinterpret_cast<const char*>(numbers), sizeof numbers);
  EXPECT_EQ(weights_hash(g), content_hash("a\n2x1\n" + raw.substr(0, 8) + "s\n\n" + raw.substr(8)));
  EXPECT_EQ(count_parameters(g), 2);  // a single number stems from the code
  std::swap(g.initializers[0], g.initializers[1]);
  EXPECT_NE(weights_hash(g), content_hash("a\n2x1\n" + raw.substr(0, 8) + "s\n\n" + raw.substr(8)));
}

TEST(RemoveUnused, KeepsWhatAnOutputNeeds) {
  Graph g;
  g.outputs = {{"y", {}}};
  g.nodes = {{"Add", {"x", "a"}, {"m"}, {}}, {"Relu", {"m"}, {"dead"}, {}}, {"Exp", {"m"}, {"y"}, {}}};
  g.initializers = {floats("a", {}, {1}), floats("b", {}, {1})};
  remove_unused(g);
  ASSERT_EQ(g.nodes.size(), 2u);
  EXPECT_EQ(g.nodes[1].op, "Exp");
  ASSERT_EQ(g.initializers.size(), 1u);
  EXPECT_EQ(g.initializers[0].name, "a");
}

/// layer → BatchNormalization with γ = (2, 3), β = (1, 0), μ = (1, 2), σ² + ε = (4, 1): scale γ/√(σ² + ε) = (1, 3).
Graph normed(Node layer, Initializer weight, bool bias) {
  Graph g;
  layer.inputs = {"x", "w"};
  layer.outputs = {"t"};
  if (bias) layer.inputs.push_back("b");
  g.initializers = {std::move(weight), floats("gamma", {2}, {2, 3}), floats("beta", {2}, {1, 0}),
                    floats("mean", {2}, {1, 2}), floats("var", {2}, {3, 0})};
  if (bias) g.initializers.push_back(floats("b", {2}, {10, 20}));
  g.nodes = {layer, {"BatchNormalization", {"t", "gamma", "beta", "mean", "var"}, {"y"}, {{"epsilon", 1.0f}}}};
  g.outputs = {{"y", {}}};
  return g;
}

TEST(FoldBatchNorm, IntoConvolution) {
  Graph g = normed({"Conv", {}, {}, {}}, floats("w", {2, 1, 1, 2}, {1, 2, 3, 4}), false);
  fold_batch_norm(g);
  ASSERT_EQ(g.nodes.size(), 1u);
  EXPECT_EQ(g.nodes[0].outputs[0], "y");
  EXPECT_EQ(values_of(g, "w"), (std::vector<float>{1, 2, 9, 12}));
  EXPECT_EQ(values_of(g, g.nodes[0].inputs.at(2)), (std::vector<float>{0, -6}));  // β - μ·scale
  EXPECT_EQ(g.initializers.size(), 2u);
}

TEST(FoldBatchNorm, IntoGemmWithBias) {
  Graph rows = normed({"Gemm", {}, {}, {{"transB", std::int64_t{1}}}}, floats("w", {2, 2}, {1, 2, 3, 4}), true);
  fold_batch_norm(rows);
  ASSERT_EQ(rows.nodes.size(), 1u);
  EXPECT_EQ(values_of(rows, "w"), (std::vector<float>{1, 2, 9, 12}));
  EXPECT_EQ(values_of(rows, "b"), (std::vector<float>{10, 54}));  // (10 - 1)·1 + 1, (20 - 2)·3 + 0
  Graph columns = normed({"Gemm", {}, {}, {}}, floats("w", {2, 2}, {1, 2, 3, 4}), true);
  fold_batch_norm(columns);
  EXPECT_EQ(values_of(columns, "w"), (std::vector<float>{1, 6, 3, 12}));
}

TEST(FoldBatchNorm, LeavesWhatOthersRead) {
  Graph g = normed({"Conv", {}, {}, {}}, floats("w", {2, 1, 1, 2}, {1, 2, 3, 4}), false);
  g.outputs.push_back({"t", {}});  // the convolution's own result is wanted too
  fold_batch_norm(g);
  EXPECT_EQ(g.nodes.size(), 2u);
  EXPECT_EQ(values_of(g, "w"), (std::vector<float>{1, 2, 3, 4}));

  Graph shared = normed({"Conv", {}, {}, {}}, floats("w", {2, 1, 1, 2}, {1, 2, 3, 4}), false);
  shared.nodes.push_back({"Conv", {"z", "w"}, {"y2"}, {}});  // the weight serves twice: the other keeps its own
  shared.outputs.push_back({"y2", {}});
  fold_batch_norm(shared);
  ASSERT_EQ(shared.nodes.size(), 2u);
  EXPECT_EQ(values_of(shared, "w"), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(values_of(shared, shared.nodes[0].inputs[1]), (std::vector<float>{1, 2, 9, 12}));
}

TEST(Half, RoundsToNearestEven) {
  EXPECT_EQ(half_from(1.0f), 0x3C00);
  EXPECT_EQ(half_from(-2.5f), 0xC100);
  EXPECT_EQ(half_from(0.0f), 0x0000);
  EXPECT_EQ(half_from(-0.0f), 0x8000);
  EXPECT_EQ(half_from(1 + 0x1p-11f), 0x3C00);      // half-way: to the even mantissa
  EXPECT_EQ(half_from(1 + 3 * 0x1p-11f), 0x3C02);  // half-way: up to the even mantissa
  EXPECT_EQ(half_from(65504.0f), 0x7BFF);
  EXPECT_EQ(half_from(65519.0f), 0x7BFF);
  EXPECT_EQ(half_from(65520.0f), 0x7C00);
  EXPECT_EQ(half_from(0x1p-14f), 0x0400);
  EXPECT_EQ(half_from(0x1p-14f - 0x1p-25f), 0x0400);  // half-way from the largest subnormal
  EXPECT_EQ(half_from(0x1p-24f), 0x0001);
  EXPECT_EQ(half_from(0x1p-25f), 0x0000);  // half-way between 0 and the smallest
  EXPECT_EQ(half_from(0x1.8p-25f), 0x0001);
  EXPECT_EQ(half_from(std::numeric_limits<float>::infinity()), 0x7C00);
  EXPECT_EQ(half_from(std::nanf("")) & 0x7E00, 0x7E00);
}

TEST(Half, StoresLargeWeightsAndCastsThemBack) {
  Graph g;
  g.initializers = {floats("w", {4}, {1, -2.5f, 0, 65504}), floats("b", {1}, {1})};
  g.nodes = {{"Add", {"w", "b"}, {"y"}, {}}};
  store_in_half_precision(g, 4);
  EXPECT_EQ(g.initializers[0].name, "w.half");
  EXPECT_EQ(g.initializers[0].type, ElementType::float16);
  EXPECT_EQ(g.initializers[0].bytes, std::string("\x00\x3c\x00\xc1\x00\x00\xff\x7b", 8));
  EXPECT_EQ(g.initializers[1].type, ElementType::float32);
  ASSERT_EQ(g.nodes.size(), 2u);
  EXPECT_EQ(g.nodes[0].op, "Cast");
  EXPECT_EQ(g.nodes[0].outputs[0], "w");
  EXPECT_EQ(count_parameters(g), 5);
}

TEST(Half, RefusesWeightsOutOfRange) {
  Graph g;
  g.initializers = {floats("huge", {1}, {70000})};
  try {
    store_in_half_precision(g, 1);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.message().find("huge"), std::string::npos) << e.message();
  }
}

}  // namespace
}  // namespace mien::onnx
