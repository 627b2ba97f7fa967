// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/file.h"
#include "mien/kernels/selective_scan.h"
#include "mien/onnx/onnx_writer.h"
#include "mien/runtime/session.h"
#include "support/temp_dir.h"

namespace mien::runtime {
namespace {

constexpr std::int64_t kChannels = 3, kRank = 2, kStates = 4, kDirections = 8, kRow = kRank + 2 * kStates;

struct Weights {
  std::vector<float> projection, dt_weight, dt_bias, a_logs, d;
};

/// Numbers without a pattern, between -1 and 1.
std::vector<float> numbers(std::int64_t count, float seed) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(std::sin(seed + 12.9898f * static_cast<float>(i)));
  return values;
}

Weights make_weights() {
  return {numbers(kChannels * kDirections * kRow, 1), numbers(kDirections * kChannels * kRank, 2),
          numbers(kDirections * kChannels, 3), numbers(kDirections * kChannels * kStates, 4),
          numbers(kDirections * kChannels, 5)};
}

onnx::Initializer initializer(const std::string& name, std::vector<std::int64_t> dims, const std::vector<float>& v) {
  return {name, onnx::ElementType::float32, std::move(dims),
          std::string(reinterpret_cast<const char*>(v.data()), v.size() * sizeof(float))};
}

/// u (batch,H,W,channels) → projections by one product → scan.
std::string model_bytes(const Weights& w, std::int64_t zero_order_hold) {
  const std::vector<std::int64_t> shape{0, 0, 0, kDirections, kRow};
  onnx::Graph graph;
  graph.inputs = {{"u", {onnx::kBatch, 4, 4, kChannels}}};
  graph.outputs = {{"y", {onnx::kBatch, 4, 4, kChannels}}};
  graph.initializers = {
      initializer("projection", {kChannels, kDirections * kRow}, w.projection),
      initializer("dt_weight", {kDirections, kChannels, kRank}, w.dt_weight),
      initializer("dt_bias", {kDirections, kChannels}, w.dt_bias),
      initializer("a_logs", {kDirections * kChannels, kStates}, w.a_logs),
      initializer("d", {kDirections * kChannels}, w.d),
      {"shape",
       onnx::ElementType::int64,
       {5},
       std::string(reinterpret_cast<const char*>(shape.data()), shape.size() * sizeof(std::int64_t))}};
  graph.nodes = {{"MatMul", {"u", "projection"}, {"flat"}, {}},
                 {"Reshape", {"flat", "shape"}, {"projections"}, {}},
                 {"SelectiveScan",
                  {"u", "projections", "dt_weight", "dt_bias", "a_logs", "d"},
                  {"y"},
                  {{"zero_order_hold", zero_order_hold}},
                  onnx::kOwnDomain}};
  return onnx::write_onnx(graph, {});
}

std::vector<float> by_kernel(const Weights& w, const std::vector<float>& u, std::int64_t batch, int height, int width,
                             bool hold) {
  kernels::ScanShape s{.pictures = batch,
                       .height = height,
                       .width = width,
                       .channels = kChannels,
                       .states = kStates,
                       .rank = kRank,
                       .directions = kDirections,
                       .zero_order_hold = hold};
  std::vector<float> projections(static_cast<std::size_t>(batch * s.positions() * kDirections * kRow)), y(u.size());
  for (std::size_t p = 0; p < u.size() / kChannels; ++p)
    for (std::size_t j = 0; j < kDirections * kRow; ++j)
      for (std::size_t c = 0; c < kChannels; ++c)
        projections[p * kDirections * kRow + j] += u[p * kChannels + c] * w.projection[c * kDirections * kRow + j];
  kernels::selective_scan<float>(
      s, {u.data(), projections.data(), w.dt_weight.data(), w.dt_bias.data(), w.a_logs.data(), w.d.data()}, y.data(),
      nullptr, kernels::parallel_threads(1));
  return y;
}

class SelectiveScanOperator : public ::testing::TestWithParam<bool> {};

TEST_P(SelectiveScanOperator, RunsForAnyBatchAndSizeAsTheKernelDoes) {
  const testing::TempDir dir;
  const Weights weights = make_weights();
  write_file(dir / "scan.onnx", model_bytes(weights, GetParam()));
  for (const int threads : {0, 1, 2}) {
    ModelOptions options;
    options.use_cache = false;
    options.threads = threads;
    options.input_shape = Shape{-1, -1, -1, kChannels};
    const Model model = Model::load(dir / "scan.onnx", options);
    Session session(model);
    for (const auto& [batch, height, width] : {std::tuple{1, 4, 4}, {2, 5, 7}, {3, 1, 9}}) {
      const auto u = numbers(batch * height * width * kChannels, 6);
      const auto input = session.input({batch, height, width, kChannels});
      std::copy(u.begin(), u.end(), input.begin());
      session.run();
      const TensorView y = session.output("y");
      EXPECT_EQ(y.shape, (Shape{batch, height, width, kChannels}));
      const auto expected = by_kernel(weights, u, batch, height, width, GetParam());
      ASSERT_EQ(y.values.size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(y.values[i], expected[i], 1e-4);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Discretisations, SelectiveScanOperator, ::testing::Bool());

}  // namespace
}  // namespace mien::runtime
