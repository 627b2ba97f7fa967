// SPDX-License-Identifier: Apache-2.0
#include "mien/app/benchmark/benchmark.h"

#include <gtest/gtest.h>

namespace mien::app {
namespace {

TEST(Benchmark, QuantilesInterpolateBetweenSortedSamples) {
  const Timing t = summarize({5, 1, 2, 4, 3});  // positions 1, 2, 3 and 3.8 of 0 to 4
  EXPECT_EQ(t.samples, 5u);
  EXPECT_DOUBLE_EQ(t.min, 1);
  EXPECT_DOUBLE_EQ(t.p50, 3);
  EXPECT_DOUBLE_EQ(t.p95, 4.8);
  EXPECT_DOUBLE_EQ(t.spread, 2);
  EXPECT_DOUBLE_EQ(summarize({2, 4}).p50, 3);
  EXPECT_DOUBLE_EQ(summarize({7}).p95, 7);
  EXPECT_EQ(summarize({}).samples, 0u);
}

BenchResult result(int batch, double total, double run) {
  BenchResult r;
  r.setup.model = "m.onnx", r.setup.threads = 1, r.setup.batch = batch;
  r.stages = {{"total", {3, total, total, total, 0}}, {"batch", {3, run, run, run, 0}}};
  return r;
}

TEST(Benchmark, RatiosAreOverTheFirstSetUpAndOfABatchPerFace) {
  const Bench bench{{}, {}, {"a.png"}, {result(1, 10, 2), result(8, 15, 12)}};
  const Json json = to_json(bench);
  const Json &first = json["results"][0]["figures"], &second = json["results"][1]["figures"];
  EXPECT_TRUE(first[0]["ratio"].is_null() && first[0]["peer"].is_null());
  EXPECT_DOUBLE_EQ(second[0]["ratio"].get<double>(), 1.5);
  EXPECT_DOUBLE_EQ(second[1]["ratio"].get<double>(), 0.75);  // (12 / 8) / (2 / 1)
  EXPECT_EQ(second[0]["peer"], "m, none, f32, 1 thread, batch 1");
  EXPECT_EQ(second[1]["per"], "8 faces");
}

TEST(Benchmark, MarkdownHasOneTablePerSetUp) {
  const std::string text = to_markdown({{}, {}, {"a.png"}, {result(1, 10, 2), result(8, 15, 12)}});
  EXPECT_NE(text.find("| total | 10.000 | 10.000 | 10.000 | 0.000 |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("| net, 8 faces in one run | 12.000 | 12.000 | 12.000 | 0.000 | 0.750 |"), std::string::npos)
      << text;
}

}  // namespace
}  // namespace mien::app
