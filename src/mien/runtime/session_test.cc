// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/file.h"
#include "mien/onnx/onnx_writer.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mien::runtime {
namespace {

TEST(Session, GivesWholeNumbersAsFloat) {
  onnx::Graph graph;
  graph.inputs = {{"input", {onnx::kBatch, 3}}};
  graph.outputs = {{"best", {onnx::kBatch}, onnx::ElementType::int64}};
  graph.nodes = {{"ArgMax", {"input"}, {"best"}, {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}}}};
  const testing::TempDir dir;
  write_file(dir / "best.onnx", onnx::write_onnx(graph, {}));
  ModelOptions options;
  options.use_cache = false;
  Session session(Model::load(dir / "best.onnx", options));
  const float values[] = {1, 3, 2, 5, 4, 0};
  const auto input = session.input({2, 3});
  std::copy(std::begin(values), std::end(values), input.begin());
  session.run();
  const TensorView best = session.output("best");
  EXPECT_EQ(best.shape, (Shape{2}));
  EXPECT_EQ((std::vector<float>{best.values.begin(), best.values.end()}), (std::vector<float>{1, 0}));
}

/// codes = -input, picture = max(0, codes); the part after "codes" accepts any codes.
onnx::Graph negated_and_cut() {
  onnx::Graph graph;
  graph.inputs = {{"input", {onnx::kBatch, 3}}};
  graph.outputs = {{"codes", {onnx::kBatch, 3}}, {"picture", {onnx::kBatch, 3}}};
  graph.nodes = {{"Neg", {"input"}, {"codes"}, {}}, {"Relu", {"codes"}, {"picture"}, {}}};
  return graph;
}

TEST(Session, RunsThePartOfANetworkBehindAnOutput) {
  const testing::TempDir dir;
  write_file(dir / "cut.onnx", onnx::write_onnx(negated_and_cut(), {}));
  ModelOptions options;
  options.use_cache = false;
  options.begin_at = {"codes"};
  options.end_at = {"picture"};
  Session session(Model::load(dir / "cut.onnx", options));
  const float values[] = {1, -3, 2};
  const auto input = session.input(0, {1, 3});
  std::copy(std::begin(values), std::end(values), input.begin());
  session.run();
  const TensorView picture = session.output("picture");
  EXPECT_EQ((std::vector<float>{picture.values.begin(), picture.values.end()}), (std::vector<float>{1, 0, 2}));
}

TEST(Session, APartThatNeedsMoreThanItsInputsIsRefused) {
  const testing::TempDir dir;
  write_file(dir / "cut.onnx", onnx::write_onnx(negated_and_cut(), {}));
  ModelOptions options;
  options.use_cache = false;
  options.begin_at = {"picture"};
  options.end_at = {"codes"};
  EXPECT_THAT(testing::error_of([&] { Model::load(dir / "cut.onnx", options); }).message(),
              ::testing::HasSubstr("codes cannot be computed from picture alone"));
  options.begin_at = {"code"};
  EXPECT_THAT(testing::error_of([&] { Model::load(dir / "cut.onnx", options); }).message(),
              ::testing::HasSubstr("no output named 'code'"));
}

}  // namespace
}  // namespace mien::runtime
