// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/passes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "mien/base/error.h"
#include "support/initializer.h"

namespace mien::onnx {
namespace {

using testing::floats;
using Ints = std::vector<std::int64_t>;

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
  EXPECT_EQ(values_of(rows, "w.bias"), (std::vector<float>{10, 54}));  // (10 - 1)·1 + 1, (20 - 2)·3 + 0
  Graph columns = normed({"Gemm", {}, {}, {}}, floats("w.t", {2, 2}, {1, 2, 3, 4}), true);
  columns.nodes[0].inputs[1] = "w.t";
  simplify(columns);  // (inputs, outputs) is turned first
  ASSERT_EQ(columns.nodes.size(), 1u);
  EXPECT_EQ(values_of(columns, "w"), (std::vector<float>{1, 3, 6, 12}));
  EXPECT_EQ(values_of(columns, "w.bias"), (std::vector<float>{10, 54}));
}

TEST(FoldBatchNorm, LeavesWhatOthersRead) {
  Graph g = normed({"Conv", {}, {}, {}}, floats("w", {2, 1, 1, 2}, {1, 2, 3, 4}), false);
  g.outputs.push_back({"t", {}});  // the convolution's own result is an output too
  fold_batch_norm(g);
  EXPECT_EQ(g.nodes.size(), 2u);
  EXPECT_EQ(values_of(g, "w"), (std::vector<float>{1, 2, 3, 4}));

  Graph shared = normed({"Conv", {}, {}, {}}, floats("w", {2, 1, 1, 2}, {1, 2, 3, 4}), false);
  shared.nodes.push_back({"Conv", {"z", "w"}, {"y2"}, {}});  // the weight has two readers: the other keeps the original
  shared.outputs.push_back({"y2", {}});
  fold_batch_norm(shared);
  ASSERT_EQ(shared.nodes.size(), 2u);
  EXPECT_EQ(values_of(shared, "w"), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(values_of(shared, shared.nodes[0].inputs[1]), (std::vector<float>{1, 2, 9, 12}));
}

TEST(FoldBatchNorm, TakesEpsilonAsTheNetworkSaysIt) {
  Graph g = normed({"Conv", {}, {}, {}}, floats("w", {2, 1, 1, 1}, {1, 1}), false);
  g.initializers[4] = floats("var", {2}, {0, 0});  // only 1/√ε matters
  g.nodes[1].attributes = {{"epsilon", 1e-5}};
  fold_batch_norm(g);
  const float scale = static_cast<float>(3 / std::sqrt(1e-5));  // in float32 ε is 2.5e-8 smaller
  EXPECT_EQ(values_of(g, "w")[1], scale);
}

TEST(FoldBatchNorm, LeavesANormBeforeItsLayer) {
  Graph g;
  g.nodes = {{"BatchNormalization", {"x", "gamma", "beta", "mean", "var"}, {"t"}, {}}, {"Conv", {"t", "w"}, {"y"}, {}}};
  for (const char* name : {"gamma", "beta", "mean", "var"}) g.initializers.push_back(floats(name, {1}, {1}));
  g.initializers.push_back(floats("w", {1, 1, 1, 1}, {2}));
  g.outputs = {{"y", {}}};
  simplify(g);
  EXPECT_EQ(g.nodes.size(), 2u);
}

Node convolution(const std::string& input, const std::string& weight, const std::string& output, Ints kernel, Ints pads,
                 std::int64_t stride = 1) {
  return {"Conv",
          {input, weight, weight + ".bias"},
          {output},
          {{"kernel_shape", kernel}, {"strides", Ints{stride, stride}}, {"pads", pads}, {"dilations", Ints{1, 1}}}};
}

/// (3×3) + (1×3) + (3×1) of x, one channel.
Graph three_branches() {
  Graph g;
  g.nodes = {convolution("x", "row", "b", {1, 3}, {0, 1, 0, 1}),
             convolution("x", "column", "c", {3, 1}, {1, 0, 1, 0}),
             convolution("x", "square", "a", {3, 3}, {1, 1, 1, 1}),
             {"Add", {"b", "c"}, {"d"}, {}},
             {"Add", {"d", "a"}, {"y"}, {}}};
  g.nodes[0].multiply_adds = g.nodes[1].multiply_adds = 3 * 64;
  g.nodes[2].multiply_adds = 9 * 64;
  g.initializers = {floats("square", {1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}),
                    floats("square.bias", {1}, {1}),
                    floats("row", {1, 1, 1, 3}, {10, 20, 30}),
                    floats("row.bias", {1}, {2}),
                    floats("column", {1, 1, 3, 1}, {100, 200, 300}),
                    floats("column.bias", {1}, {3})};
  g.outputs = {{"y", {}}};
  return g;
}

TEST(MergeParallelConvolutions, PutsEachKernelWhereItsPaddingLies) {
  Graph g = three_branches();
  merge_parallel_convolutions(g);
  ASSERT_EQ(g.nodes.size(), 1u);
  EXPECT_EQ(g.nodes[0].op, "Conv");
  EXPECT_EQ(g.nodes[0].inputs[0], "x");
  EXPECT_EQ(g.nodes[0].outputs[0], "y");
  EXPECT_EQ(values_of(g, "square"), (std::vector<float>{1, 102, 3, 14, 225, 36, 7, 308, 9}));
  EXPECT_EQ(values_of(g, "square.bias"), (std::vector<float>{6}));
  EXPECT_EQ(count_parameters(g), 10);
  EXPECT_EQ(count_multiply_adds(g), 9 * 64);
}

TEST(MergeParallelConvolutions, LeavesWhatWouldGrowOrDoesNotFit) {
  const auto nodes_after = [](const std::function<void(Graph&)>& change) {
    Graph g = three_branches();
    change(g);
    merge_parallel_convolutions(g);
    return g.nodes.size();
  };
  EXPECT_EQ(nodes_after([](Graph& g) { g.nodes[2] = {"Relu", {"x"}, {"a"}, {}}; }), 5u);  // row + column: 6 < 9
  EXPECT_EQ(nodes_after([](Graph& g) { g.nodes[2].inputs[0] = "other"; }), 5u);
  EXPECT_EQ(nodes_after([](Graph& g) { g.outputs.push_back({"a", {}}); }), 5u);
  EXPECT_EQ(nodes_after([](Graph& g) { g.nodes[2] = convolution("x", "square", "a", {3, 3}, {1, 1, 1, 1}, 2); }), 5u);
  EXPECT_EQ(nodes_after([](Graph& g) { g.nodes[2] = convolution("x", "square", "a", {3, 3}, {0, 0, 0, 0}); }), 5u);
}

TEST(MergeLinearChains, MultipliesTheWeights) {
  Graph g;
  const Attributes turned{{"transB", std::int64_t{1}}};
  g.nodes = {{"Gemm", {"x", "a.weight", "a.bias"}, {"t"}, turned}, {"Gemm", {"t", "b.weight"}, {"y"}, turned}};
  g.nodes[0].multiply_adds = 6;
  g.nodes[1].multiply_adds = 3;
  g.initializers = {floats("a.weight", {3, 2}, {1, 2, 3, 4, 5, 6}), floats("a.bias", {3}, {1, 1, 2}),
                    floats("b.weight", {1, 3}, {1, 10, 100})};
  g.outputs = {{"y", {}}};
  merge_linear_chains(g);
  ASSERT_EQ(g.nodes.size(), 1u);
  EXPECT_EQ(values_of(g, "b.weight"), (std::vector<float>{531, 642}));
  EXPECT_EQ(values_of(g, "b.bias"), (std::vector<float>{211}));
  EXPECT_EQ(count_multiply_adds(g), 2);
  EXPECT_EQ(g.initializers.size(), 2u);
}

TEST(MergeLinearChains, TakesAPointwiseConvolutionBehindAnyOther) {
  Graph g;
  g.nodes = {convolution("x", "a", "t", {1, 2}, {0, 0, 0, 0}), convolution("t", "b", "y", {1, 1}, {0, 0, 0, 0})};
  g.initializers = {floats("a", {2, 1, 1, 2}, {1, 2, 3, 4}), floats("a.bias", {2}, {5, 6}),
                    floats("b", {1, 2, 1, 1}, {10, 100}), floats("b.bias", {1}, {7})};
  g.outputs = {{"y", {}}};
  Graph padded = g;
  merge_linear_chains(g);
  ASSERT_EQ(g.nodes.size(), 1u);
  EXPECT_EQ(values_of(g, "b"), (std::vector<float>{310, 420}));
  EXPECT_EQ(values_of(g, "b.bias"), (std::vector<float>{657}));
  padded.nodes[1] = convolution("t", "b", "y", {1, 1}, {1, 1, 1, 1});  // the border is zero, not the bias of the first
  merge_linear_chains(padded);
  EXPECT_EQ(padded.nodes.size(), 2u);
}

TEST(MergeLinearChains, LeavesABottleneck) {
  Graph g;
  const Attributes turned{{"transB", std::int64_t{1}}};
  g.nodes = {{"Gemm", {"x", "a"}, {"t"}, turned}, {"Gemm", {"t", "b"}, {"y"}, turned}};
  g.initializers = {floats("a", {1, 4}, {1, 2, 3, 4}), floats("b", {4, 1}, {1, 2, 3, 4})};
  g.outputs = {{"y", {}}};
  merge_linear_chains(g);  // 16 instead of 8
  EXPECT_EQ(g.nodes.size(), 2u);
}

TEST(FoldConstants, MovesAndConverts) {
  const std::int64_t shape[] = {3, -1}, axis[] = {0}, two[] = {7, 8};
  const auto whole = [](const std::string& name, const std::int64_t* values, std::int64_t count) {
    return Initializer{name,
                       ElementType::int64,
                       {count},
                       std::string(reinterpret_cast<const char*>(values), 8 * static_cast<std::size_t>(count))};
  };
  Graph g;
  g.initializers = {floats("w", {1, 2, 3}, {1, 2, 3, 4, 5, 6}), whole("shape", shape, 2), whole("axis", axis, 1),
                    whole("n", two, 2)};
  g.nodes = {{"Transpose", {"w"}, {"t"}, {{"perm", Ints{2, 0, 1}}}},
             {"Reshape", {"t", "shape"}, {"r"}, {}},
             {"Unsqueeze", {"r", "axis"}, {"u"}, {}},
             {"Cast", {"n"}, {"f"}, {{"to", onnx_type(ElementType::float32)}}},
             {"Mul", {"x", "u"}, {"p"}, {}},
             {"Mul", {"p", "f"}, {"y"}, {}}};
  g.outputs = {{"y", {}}};
  fold_constants(g);
  ASSERT_EQ(g.nodes.size(), 2u);
  EXPECT_EQ(values_of(g, "u"), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(values_of(g, "f"), (std::vector<float>{7, 8}));
  ASSERT_EQ(g.initializers.size(), 2u);
  EXPECT_EQ(g.initializers[0].dims, (Ints{1, 3, 2}));
}

TEST(ShareEqualParts, KeepsOneOfEach) {
  Graph g;
  g.initializers = {floats("a", {1}, {2}), floats("b", {1}, {2}), floats("c", {1, 1}, {2})};
  g.nodes = {{"Add", {"x", "a"}, {"p"}, {}}, {"Add", {"x", "b"}, {"q"}, {}}, {"Add", {"x", "c"}, {"r"}, {}},
             {"Mul", {"p", "q"}, {"s"}, {}}, {"Mul", {"s", "r"}, {"y"}, {}}, {"Add", {"x", "b"}, {"z"}, {}}};
  g.outputs = {{"y", {}}, {"z", {}}};  // z keeps its name
  share_equal_parts(g);
  ASSERT_EQ(g.nodes.size(), 5u);
  EXPECT_EQ(g.nodes[2].inputs, (std::vector<std::string>{"p", "p"}));
  EXPECT_EQ(g.nodes[4].inputs, (std::vector<std::string>{"x", "a"}));
  ASSERT_EQ(g.initializers.size(), 2u);
  EXPECT_EQ(g.initializers[1].name, "c");
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
