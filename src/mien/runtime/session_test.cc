// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/session.h"

#include <gtest/gtest.h>

#include "mien/base/file.h"
#include "mien/onnx/onnx_writer.h"
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

}  // namespace
}  // namespace mien::runtime
