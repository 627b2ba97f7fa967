// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/recorder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/nn/state.h"
#include "support/errors.h"

namespace mien::nn {
namespace {

using onnx::kBatch;
using onnx::Recording;
using Shape = std::vector<std::int64_t>;

std::vector<std::string> names_of(const Recording& r) {
  std::vector<std::string> names;
  for (const auto& op : r.ops) names.push_back(op.name.substr(6));
  return names;
}

std::vector<std::string> constants_of(const Recording& r) {
  std::vector<std::string> names;
  for (const auto& t : r.tensors)
    if (t.is_constant) names.push_back(t.name);
  return names;
}

/// One input, one output.
Recording record_one(const std::function<at::Tensor(const at::Tensor&)>& f, const Shape& shape,
                     const NamedTensors& weights = {}) {
  return record([&](const at::Tensor& x) { return std::vector<at::Tensor>{f(x)}; }, shape, {"y"}, weights);
}

const Shape& out_shape(const Recording& r) { return r.tensors[r.outputs.at(0).second].shape; }

using testing::failure_of;

TEST(Recorder, SmallNetwork) {
  using namespace torch::nn;
  Sequential net(Conv2d(Conv2dOptions(1, 4, 3).padding(1).bias(false)), BatchNorm2d(4), ReLU(ReLUOptions(true)),
                 MaxPool2d(2), AdaptiveAvgPool2d(1), Flatten(), Linear(4, 3));
  net->eval();
  const Recording r = record_one([&](const at::Tensor& x) { return net->forward(x); }, {1, 8, 8}, state_of(*net));
  EXPECT_EQ(names_of(r), (std::vector<std::string>{"conv2d", "batch_norm", "relu", "max_pool2d", "adaptive_avg_pool2d",
                                                   "flatten", "addmm"}));
  EXPECT_EQ(r.tensors[r.input].shape, (Shape{kBatch, 1, 8, 8}));
  EXPECT_EQ(out_shape(r), (Shape{kBatch, 3}));
  const auto constants = constants_of(r);
  for (const char* name : {"0.weight", "1.running_var", "6.bias", "6.weight.t"})
    EXPECT_EQ(std::count(constants.begin(), constants.end(), name), 1) << name;
}

TEST(Recorder, FoldsTransposedWeightsByValue) {
  const at::Tensor w = at::arange(6, at::kFloat).view({2, 3});
  const Recording r = record_one([&](const at::Tensor& x) { return x.matmul(w.t()); }, {3}, {{"w", w}});
  ASSERT_EQ(names_of(r), std::vector<std::string>{"matmul"});
  const auto& t = r.tensors[std::get<onnx::TensorRef>(r.ops[0].arguments[1]).id];
  EXPECT_EQ(t.name, "w.t");
  EXPECT_EQ(t.shape, (Shape{3, 2}));
  const float expected[6] = {0, 3, 1, 4, 2, 5};
  EXPECT_EQ(t.bytes, std::string(reinterpret_cast<const char*>(expected), sizeof expected));
}

TEST(Recorder, InPlaceOperatorsMakeNewValues) {
  const Recording r = record_one(
      [](const at::Tensor& x) {
        at::Tensor y = at::exp(x);
        y.add_(1).relu_();
        return y * x;
      },
      {4});
  ASSERT_EQ(names_of(r), (std::vector<std::string>{"exp", "add", "relu", "mul"}));
  EXPECT_EQ(std::get<onnx::TensorRef>(r.ops[3].arguments[0]).id, r.ops[2].outputs[0]);  // mul reads the last value
  EXPECT_NE(r.ops[0].outputs[0], r.ops[1].outputs[0]);
}

TEST(Recorder, RefusesStaleViewsAndChangedWeights) {
  const auto stale = [](const at::Tensor& x) {
    const at::Tensor y = at::exp(x), view = y.view({-1});
    y.add_(1);
    return view;
  };
  EXPECT_NE(failure_of([&] { record_one(stale, {4}); }).find("shares its memory"), std::string::npos);
  at::Tensor w = at::zeros({4});
  EXPECT_NE(failure_of([&] { record_one([&](const at::Tensor& x) { return w.add_(1) + x; }, {4}); }).find("weight"),
            std::string::npos);
  torch::nn::BatchNorm1d norm(4);  // counts its batches in training mode
  EXPECT_NE(failure_of([&] { record_one([&](const at::Tensor& x) { return norm(x); }, {4}); }).find("eval()"),
            std::string::npos);
}

TEST(Recorder, Attention) {
  const Recording r =
      record_one([](const at::Tensor& x) { return at::scaled_dot_product_attention(x, x, x); }, {2, 5, 8});
  EXPECT_EQ(names_of(r), std::vector<std::string>{"scaled_dot_product_attention"});
  EXPECT_EQ(onnx::count_multiply_adds(r), 2 * (2 * 5 * 5 * 8));
}

TEST(Recorder, StackedHeads) {
  const Recording r = record_one(
      [](const at::Tensor& x) {
        const at::Tensor map = x.sum({1}, true);
        return at::log_softmax(at::stack({(x * map).mean({2, 3}), x.mean({2, 3})}, 1), 1).sum(1);
      },
      {6, 4, 4});
  EXPECT_EQ(names_of(r), (std::vector<std::string>{"sum", "mul", "mean", "mean", "stack", "log_softmax", "sum"}));
  EXPECT_EQ(out_shape(r), (Shape{kBatch, 6}));
}

TEST(Recorder, DataTypeArgumentsAreNotDimensions) {
  const Recording r = record_one([](const at::Tensor& x) { return at::sum(x, {1}, false, at::kFloat); }, {6});
  EXPECT_TRUE(std::holds_alternative<std::monostate>(r.ops[0].arguments[3]));
}

TEST(Recorder, BatchInShapes) {
  const Recording r = record_one([](const at::Tensor& x) { return x.view({x.size(0) * 2, -1}); }, {4, 3});
  EXPECT_EQ(out_shape(r), (Shape{2 * kBatch, 6}));
  EXPECT_EQ(std::get<Shape>(r.ops[0].arguments[1]), (Shape{2 * kBatch, -1}));
}

TEST(Recorder, ClassTokenFollowsTheBatch) {
  const at::Tensor token = at::ones({1, 1, 3});
  const Recording r = record_one(
      [&](const at::Tensor& x) {
        return at::cat({token.expand({x.size(0), -1, -1}), x}, 1);
      },
      {4, 3}, {{"token", token}});
  EXPECT_EQ(names_of(r), (std::vector<std::string>{"expand", "cat"}));
  EXPECT_EQ(out_shape(r), (Shape{kBatch, 5, 3}));
}

TEST(Recorder, KeepsNoneInAListOfIndices) {
  const at::Tensor order = at::tensor({2, 0}, at::kLong);
  const Recording r = record_one(
      [&](const at::Tensor& x) {
        return x.index({torch::indexing::Slice(), order});
      },
      {4}, {{"o", order}});
  ASSERT_EQ(names_of(r), std::vector<std::string>{"index"});
  const auto& indices = std::get<std::vector<onnx::TensorRef>>(r.ops[0].arguments.at(1));
  ASSERT_EQ(indices.size(), 2u);
  EXPECT_EQ(indices[0].id, onnx::kNoTensor);
  EXPECT_EQ(r.tensors[indices[1].id].name, "o");
  EXPECT_EQ(out_shape(r), (Shape{kBatch, 2}));
}

TEST(Recorder, TakesValuesOutOfTheCode) {
  const Recording r = record_one([](const at::Tensor& x) { return x * at::tensor({2.f, 3.f}); }, {2});
  EXPECT_EQ(names_of(r), std::vector<std::string>{"mul"});
  const auto& factor = r.tensors[std::get<onnx::TensorRef>(r.ops[0].arguments[1]).id];
  const float expected[2] = {2, 3};
  EXPECT_EQ(factor.bytes, std::string(reinterpret_cast<const char*>(expected), sizeof expected));
  const Recording filled = record_one(
      [](const at::Tensor& x) {
        const at::Tensor scaled = x * at::empty({2}).fill_(3);
        return scaled + at::empty_like(x).fill_(1);  // follows the batch
      },
      {2});
  EXPECT_EQ(names_of(filled), (std::vector<std::string>{"mul", "fill", "add"}));
}

TEST(Recorder, RefusesWhatOnlyThePictureKnows) {
  EXPECT_NE(failure_of([] {
              record_one([](const at::Tensor& x) { return x * x.sum().item<float>(); }, {4});
            }).find("reads a value"),
            std::string::npos);
  EXPECT_NE(failure_of([] {
              record_one([](const at::Tensor& x) { return x.size(0) == 2 ? x.exp() : x.log(); }, {4});
            }).find("other operators"),
            std::string::npos);
  EXPECT_NE(failure_of([] {
              record([](const at::Tensor& x) { return std::vector<at::Tensor>{x}; }, {4}, {"a", "b"}, {});
            }).find("1 tensors for 2 names"),
            std::string::npos);
}

TEST(Recorder, SwitchesItselfOff) {
  EXPECT_THROW(record_one(
                   [](const at::Tensor& x) -> at::Tensor {
                     at::exp(x);
                     throw std::runtime_error("stop");
                   },
                   {4}),
               std::runtime_error);
  const at::Tensor x = at::ones({2});
  EXPECT_EQ((x + x).sum().item<float>(), 4);  // would throw while recording
}

}  // namespace
}  // namespace mien::nn
