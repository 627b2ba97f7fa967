// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/operators.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "mien/base/error.h"
#include "mien/onnx/passes.h"
#include "mien/onnx/recording.h"
#include "support/errors.h"

namespace mien::onnx {
namespace {

using Shape = std::vector<std::int64_t>;

/// A recording written by hand: tensor 0 is the input.
class Script {
 public:
  explicit Script(Shape input) { r.tensors.push_back({ElementType::float32, std::move(input), false, {}, {}}); }
  TensorRef weight(const std::string& name, Shape shape, std::string bytes = {}) {
    r.tensors.push_back({ElementType::float32, std::move(shape), true, name, std::move(bytes)});
    return {r.tensors.size() - 1};
  }
  TensorRef call(const std::string& name, std::vector<Argument> arguments, Shape shape, std::string bytes = {}) {
    r.tensors.push_back({ElementType::float32, std::move(shape), !bytes.empty(), {}, std::move(bytes)});
    r.ops.push_back({"aten::" + name, std::move(arguments), {r.tensors.size() - 1}});
    return {r.tensors.size() - 1};
  }
  Script& output(TensorRef t) {
    r.outputs.emplace_back("logits", t.id);
    return *this;
  }
  Recording r;
};

constexpr TensorRef kInput{0};

using testing::failure_of;

const Initializer& initializer(const Graph& g, const std::string& name) {
  for (const auto& i : g.initializers)
    if (i.name == name) return i;
  throw std::runtime_error("no initializer " + name);
}

TEST(Merge, SizesThatFollowTheBatch) {
  auto make = [](std::int64_t b) {
    Script s({b, 6});
    s.call("view", {kInput, Shape{2 * b, 3}}, {2 * b, 3});
    return s.r;
  };
  const Recording merged = merge_batches(make(2), make(3));
  EXPECT_EQ(merged.tensors[0].shape, (Shape{kBatch, 6}));
  EXPECT_EQ(merged.tensors[1].shape, (Shape{2 * kBatch, 3}));
  EXPECT_EQ(std::get<Shape>(merged.ops[0].arguments[1]), (Shape{2 * kBatch, 3}));
}

TEST(Merge, RefusesOtherKindsOfDependence) {
  auto sized = [](std::int64_t n) { return Script({n}).r; };
  EXPECT_NE(failure_of([&] { merge_batches(sized(5), sized(7)); }).find("not a multiple"), std::string::npos);
  auto scaled = [](double factor) {
    Script s({2});
    s.call("mul", {kInput, factor}, {2});
    return s.r;
  };
  EXPECT_NE(failure_of([&] { merge_batches(scaled(0.5), scaled(0.25)); }).find("aten::mul"), std::string::npos);
  Script one({2});
  one.call("relu", {kInput}, {2});
  EXPECT_NE(failure_of([&] { merge_batches(one.r, Script({3}).r); }).find("other operators"), std::string::npos);
}

TEST(Merge, RefusesConstantsThatFollowTheBatch) {
  auto make = [](std::int64_t b, char value) {
    Script s({b});
    s.weight("w", {1}, std::string(4, value));
    return s.r;
  };
  EXPECT_NE(failure_of([&] { merge_batches(make(2, 'a'), make(3, 'b')); }).find("no operator created"),
            std::string::npos);
  EXPECT_EQ(merge_batches(make(2, 'a'), make(3, 'a')).tensors[1].bytes, "aaaa");
}

TEST(Merge, FoldsWhatDependsOnWeightsAlone) {
  auto make = [](std::int64_t b) {
    Script s({b, 2});
    const auto w = s.weight("w", {1, 2}, "12345678");
    const auto t = s.call("t", {w}, {2, 1}, "12345678");
    s.call("mm", {kInput, t}, {b, 1});
    s.call("expand", {w, Shape{b, 2}}, {b, 2},
           std::string(8 * static_cast<std::size_t>(b), 'x'));  // follows the batch: stays
    return s.r;
  };
  const Recording merged = merge_batches(make(2), make(3));
  ASSERT_EQ(merged.ops.size(), 2u);
  EXPECT_EQ(merged.ops[0].name, "aten::mm");
  EXPECT_TRUE(merged.tensors[2].is_constant);
  EXPECT_FALSE(merged.tensors[4].is_constant);
}

TEST(MultiplyAdds, PerPicture) {
  Script s({kBatch, 3, 8, 8});
  const auto w = s.weight("w", {4, 3, 3, 3}), v = s.weight("v", {5, 4});
  const auto conv = s.call("conv2d", {kInput, w}, {kBatch, 4, 6, 6});
  s.call("linear", {conv, v}, {kBatch, 5});
  s.r.tensors[conv.id].shape = {kBatch, 4};  // as if pooled
  EXPECT_EQ(count_multiply_adds(s.r), 4 * 27 + 5 * 4);
  s.r.tensors[conv.id].shape = {kBatch, 4, 6, 6};
  s.r.ops.pop_back();
  EXPECT_EQ(count_multiply_adds(s.r), 4 * 36 * 27);
}

TEST(MultiplyAdds, OfTransposedConvolutionEinsumAndScan) {
  Script s({kBatch, 3, 8, 8});
  const auto w = s.weight("w", {3, 5, 2, 2});
  s.call("conv_transpose2d", {kInput, w, {}, Shape{2, 2}}, {kBatch, 5, 16, 16});
  EXPECT_EQ(count_multiply_adds(s.r), 3 * 64 * 5 * 4);  // each input value meets 5 · 2 · 2 weights
  Script e({kBatch, 4, 6});
  const auto v = e.weight("v", {4, 7, 6});
  e.call("einsum", {std::string("nmi,moi->nmo"), std::vector<TensorRef>{kInput, v}}, {kBatch, 4, 7});
  EXPECT_EQ(count_multiply_adds(e.r), 4 * 6 * 7);
  Script scan({kBatch, 5, 5, 12});  // u; eight directions of rank 3 and 16 states
  const auto projections = scan.weight("p", {kBatch, 5, 5, 8, 35});
  scan.r.ops.push_back({"mien::selective_scan", {kInput, projections}, {0}});
  EXPECT_EQ(count_multiply_adds(scan.r), 25 * 12 * 8 * 35);
}

TEST(MultiplyAdds, OfAttention) {
  Script s({kBatch, 4, 6, 8});  // 4 heads, 6 queries of 8 numbers; 5 keys, values of 3 numbers
  const auto keys = s.weight("k", {kBatch, 4, 5, 8}), values = s.weight("v", {kBatch, 4, 5, 3});
  s.call("scaled_dot_product_attention", {kInput, keys, values}, {kBatch, 4, 6, 3});
  EXPECT_EQ(count_multiply_adds(s.r), 4 * 6 * 5 * 8 + 4 * 6 * 5 * 3);
}

TEST(MultiplyAdds, GoToTheNodesOfTheGraph) {
  Script s({kBatch, 6});
  const auto w = s.weight("w", {4, 6});
  s.output(s.call("relu", {s.call("linear", {kInput, w}, {kBatch, 4})}, {kBatch, 4}));
  const Graph g = lower(s.r);
  EXPECT_EQ(g.nodes.at(0).multiply_adds, 24);
  EXPECT_EQ(count_multiply_adds(g), count_multiply_adds(s.r));
}

TEST(Lower, SlopesOfPReluLieAlongTheChannels) {
  Script s({kBatch, 3, 5, 5});
  const auto slopes = s.weight("slopes", {3}, std::string(12, '\0'));
  s.output(s.call("prelu", {kInput, slopes}, {kBatch, 3, 5, 5}));
  Graph g = lower(s.r);
  simplify(g);
  ASSERT_EQ(g.nodes.size(), 1u);
  EXPECT_EQ(initializer(g, g.nodes[0].inputs.at(1)).dims, (Shape{3, 1, 1}));
}

TEST(Lower, RefusesOneGroupPerPicture) {
  Script s({1, 2 * kBatch, 8, 8});
  const auto w = s.weight("w", {2 * kBatch, 2, 3, 3});
  s.output(s.call("conv2d", {kInput, w, {}, Shape{1, 1}, Shape{1, 1}, Shape{1, 1}, kBatch}, {1, 2 * kBatch, 8, 8}));
  EXPECT_NE(failure_of([&] { lower(s.r); }).find("groups that depends on the batch"), std::string::npos);
}

TEST(Lower, RefusesAMask) {
  Script s({kBatch, 3});
  const auto mask = s.weight("mask", {3});
  s.r.tensors[mask.id].type = ElementType::boolean;
  s.output(s.call("index", {kInput, std::vector<TensorRef>{{kNoTensor}, mask}}, {kBatch, 2}));
  EXPECT_NE(failure_of([&] { lower(s.r); }).find("depends on the picture"), std::string::npos);
}

TEST(Lower, DeclaresTheTypeOfEachOutput) {
  Script s({kBatch, 3});
  const auto best = s.call("argmax", {kInput, std::int64_t{1}}, {kBatch});
  s.r.tensors[best.id].type = ElementType::int64;
  s.output(best);
  EXPECT_EQ(lower(s.r).outputs.at(0).type, ElementType::int64);
}

TEST(Lower, OwnOperatorsTakeTensorsAndNamedNumbers) {
  Script s({kBatch, 5, 5, 12});
  const auto w = s.weight("w", {kBatch, 5, 5, 8, 35});
  s.output(s.call("scan", {kInput, w, true}, {kBatch, 5, 5, 12}));
  s.r.ops[0].name = "mien::selective_scan";
  const Graph g = lower(s.r);
  ASSERT_EQ(g.nodes.size(), 1u);
  EXPECT_EQ(g.nodes[0].op, "SelectiveScan");
  EXPECT_EQ(g.nodes[0].domain, kOwnDomain);
  EXPECT_EQ(g.nodes[0].inputs, (std::vector<std::string>{"input", "w"}));
  EXPECT_EQ(g.nodes[0].attributes, (Attributes{{"zero_order_hold", std::int64_t{1}}}));
  EXPECT_EQ(g.nodes[0].multiply_adds, 25 * 12 * 8 * 35);
}

TEST(Lower, NamesAnUnknownOperatorAndWhereToAddIt) {
  Script s({kBatch, 2});
  s.output(s.call("fft_rfft", {kInput}, {kBatch, 2}));
  const std::string message = failure_of([&] { lower(s.r); });
  EXPECT_NE(message.find("aten::fft_rfft is not in the operator table"), std::string::npos) << message;
  EXPECT_NE(message.find("src/mien/onnx/operators.cc"), std::string::npos) << message;
}

TEST(Lower, GivesTheLastNodeTheOutputsName) {
  Script s({kBatch, 2});
  s.output(s.call("mul", {kInput, 2.0}, {kBatch, 2}));
  const Graph g = lower(s.r);
  ASSERT_EQ(g.nodes.size(), 1u);
  EXPECT_EQ(g.nodes[0].op, "Mul");
  EXPECT_EQ(g.nodes[0].outputs[0], "logits");
  EXPECT_EQ(initializer(g, g.nodes[0].inputs[1]).bytes, std::string("\0\0\0\x40", 4));
  EXPECT_EQ(g.outputs[0].dims, (Shape{kBatch, 2}));
}

TEST(Lower, OneTensorAsTwoOutputs) {
  Script s({kBatch, 2});
  const auto y = s.call("relu", {kInput}, {kBatch, 2});
  s.output(y).r.outputs.emplace_back("again", y.id);
  const Graph g = lower(s.r);
  ASSERT_EQ(g.nodes.size(), 2u);
  EXPECT_EQ(g.nodes[1].op, "Identity");
  EXPECT_EQ(g.nodes[1].inputs[0], "logits");
  EXPECT_EQ(g.nodes[1].outputs[0], "again");
}

TEST(Lower, ReshapeLeavesTheBatchOpen) {
  Script s({kBatch, 2, 3});
  s.output(s.call("flatten", {kInput, std::int64_t{1}, std::int64_t{-1}}, {kBatch, 6}));
  const Graph g = lower(s.r);
  const auto& target = initializer(g, g.nodes[0].inputs[1]);
  EXPECT_EQ(target.type, ElementType::int64);
  EXPECT_EQ(target.bytes, std::string(8, '\xff') + std::string("\x06\0\0\0\0\0\0\0", 8));  // (-1, 6)
  Script two({kBatch, 2, 3});
  two.output(two.call("view", {kInput}, {kBatch, kBatch}));
  EXPECT_NE(failure_of([&] { lower(two.r); }).find("two batch dimensions"), std::string::npos);
}

TEST(Lower, ExpandAsksForTheBatchOnlyWhereItMust) {
  Script keep({kBatch, 1});
  keep.output(keep.call("expand", {kInput, Shape{kBatch, 5}}, {kBatch, 5}));
  EXPECT_EQ(lower(keep.r).nodes.size(), 1u);
  Script token({kBatch, 3});  // a class token, once per picture
  const auto w = token.weight("token", {1, 3}, std::string(12, '\0'));
  token.output(token.call("expand", {w, Shape{kBatch, 3}}, {kBatch, 3}));
  const Graph g = lower(token.r);
  ASSERT_EQ(g.nodes.size(), 4u);
  EXPECT_EQ(g.nodes[0].op, "Shape");
  EXPECT_EQ(g.nodes.back().op, "Expand");
}

TEST(Lower, RefusesMixingPictures) {
  Script mean({kBatch, 3});
  mean.output(mean.call("mean", {kInput, Shape{0}, false, {}}, {3}));
  EXPECT_NE(failure_of([&] { lower(mean.r); }).find("over the batch"), std::string::npos);
  Script select({kBatch, 3});
  select.output(select.call("select", {kInput, std::int64_t{0}, std::int64_t{0}}, {3}));
  EXPECT_NE(failure_of([&] { lower(select.r); }).find("along the batch"), std::string::npos);
  Script softmax({kBatch, 3});
  softmax.output(softmax.call("softmax", {kInput, std::int64_t{0}}, {kBatch, 3}));
  EXPECT_NE(failure_of([&] { lower(softmax.r); }).find("over the batch"), std::string::npos);
}

TEST(Lower, RefusesPoolingThatRuntimesDisagreeOn) {
  auto pool = [](std::int64_t out, bool counted) {
    Script s({kBatch, 1, 12, 12});
    s.output(
        s.call("avg_pool2d", {kInput, Shape{3, 3}, Shape{2, 2}, Shape{1, 1}, true, counted}, {kBatch, 1, out, out}));
    return s.r;
  };
  EXPECT_NE(failure_of([&] { lower(pool(7, true)); }).find("ceil_mode"), std::string::npos);
  EXPECT_EQ(lower(pool(7, false)).nodes.size(), 1u);
  EXPECT_EQ(lower(pool(6, true)).nodes.size(), 1u);
}

TEST(Lower, RefusesTrainingMode) {
  Script s({kBatch, 3});
  s.output(s.call("dropout", {kInput, 0.5, true}, {kBatch, 3}));
  EXPECT_NE(failure_of([&] { lower(s.r); }).find("eval()"), std::string::npos);
}

TEST(Lower, NamesStayUnique) {
  Script s({kBatch, 2});
  const auto a = s.weight("w", {2}, std::string(8, 'a')), b = s.weight("w", {2}, std::string(8, 'b'));
  s.output(s.call("add", {s.call("add", {kInput, a}, {kBatch, 2}), b}, {kBatch, 2}));
  const Graph g = lower(s.r);
  EXPECT_EQ(initializer(g, "w").bytes, std::string(8, 'a'));
  EXPECT_EQ(initializer(g, "w_2").bytes, std::string(8, 'b'));
}

TEST(Table, KnowsTheOperatorsOfTheField) {
  const auto names = known_operators();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const char* name : {"conv2d",
                           "batch_norm",
                           "relu",
                           "max_pool2d",
                           "adaptive_avg_pool2d",
                           "flatten",
                           "addmm",
                           "log_softmax",
                           "cat",
                           "gelu",
                           "scaled_dot_product_attention",
                           "layer_norm",
                           "upsample_bilinear2d",
                           "prelu",
                           "scatter",
                           "gather",
                           "index",
                           "index_select",
                           "flip",
                           "cumsum",
                           "conv_transpose2d",
                           "one_hot",
                           "repeat_interleave",
                           "unfold",
                           "bitwise_and",
                           "einsum",
                           "topk",
                           "eq",
                           "sum"})
    EXPECT_TRUE(std::binary_search(names.begin(), names.end(), std::string("aten::") + name)) << name;
}

}  // namespace
}  // namespace mien::onnx
