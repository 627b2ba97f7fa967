// SPDX-License-Identifier: Apache-2.0
#include "mien/train/export_onnx.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/hash.h"
#include "support/temp_dir.h"

namespace mien::train {
namespace {

/// logits = W·flatten(x) with a weight of 2 × 512
method::Deploy tiny_deploy(const at::Tensor& w) {
  method::Deploy deploy;
  deploy.input.width = 32;
  deploy.input.height = 16;
  deploy.outputs = {{"logits", "class logits before softmax", "real"}};
  deploy.forward = [w](const at::Tensor& x) { return std::vector<at::Tensor>{at::linear(x.flatten(1), w)}; };
  deploy.weights = {{"fc.weight", w}};
  return deploy;
}

face::ModelCard tiny_card() {
  face::ModelCard card;
  card.method = "tiny";
  card.name = "tiny-test";
  card.classes = {"neutral", "happiness"};
  return card;
}

std::string raw(const at::Tensor& t) { return {static_cast<const char*>(t.const_data_ptr()), t.nbytes()}; }

TEST(Export, CompletesTheCard) {
  const testing::TempDir dir;
  const at::Tensor w = at::arange(1024, at::kFloat).view({2, 512});
  const auto report = export_onnx(tiny_deploy(w), tiny_card(), dir / "a.onnx");
  EXPECT_EQ(report.card.parameters, 1024);
  EXPECT_EQ(report.card.multiply_adds, 1024);
  EXPECT_EQ(report.card.input.width, 32);
  EXPECT_EQ(report.card.outputs.at(0).name, "logits");
  EXPECT_EQ(report.bytes, static_cast<std::int64_t>(std::filesystem::file_size(dir / "a.onnx")));
  const std::string shape_constant("\xff\xff\xff\xff\xff\xff\xff\xff\x00\x02\0\0\0\0\0\0", 16);  // (-1, 512)
  EXPECT_EQ(report.card.weights_hash, content_hash("constant\n2\n" + shape_constant + "fc.weight\n2x512\n" + raw(w)));

  const std::string bytes = read_file(dir / "a.onnx");
  const auto start = bytes.find("{\"card_version\"");
  ASSERT_NE(start, std::string::npos);
  const auto card =
      face::card_from_json(parse_json(bytes.substr(start), "a.onnx"), "a.onnx");  // the metadata is the file's end
  EXPECT_EQ(card.card_hash, report.card.card_hash);
  EXPECT_EQ(card.weights_hash, report.card.weights_hash);
}

TEST(Export, SameNetworkSameBytes) {
  const testing::TempDir dir;
  const at::Tensor w = at::randn({2, 512});
  export_onnx(tiny_deploy(w), tiny_card(), dir / "a.onnx");
  export_onnx(tiny_deploy(w.clone()), tiny_card(), dir / "b.onnx");
  EXPECT_EQ(read_file(dir / "a.onnx"), read_file(dir / "b.onnx"));
}

TEST(Export, HalfPrecisionHalvesTheWeights) {
  const testing::TempDir dir;
  const at::Tensor w = at::arange(1024, at::kFloat).view({2, 512});
  const auto full = export_onnx(tiny_deploy(w), tiny_card(), dir / "a.onnx");
  const auto half = export_onnx(tiny_deploy(w), tiny_card(), dir / "b.onnx", {.half_weights = true});
  EXPECT_EQ(half.card.parameters, full.card.parameters);
  EXPECT_NE(half.card.weights_hash, full.card.weights_hash);
  EXPECT_NEAR(static_cast<double>(full.bytes - half.bytes), 2048, 100);
  EXPECT_EQ(half.nodes, full.nodes + 1);  // the Cast
  EXPECT_NE(read_file(dir / "b.onnx").find(raw(w.to(at::kHalf))), std::string::npos);
}

TEST(Export, LeavesNothingBehindWhereItFails) {
  const testing::TempDir dir;
  auto deploy = tiny_deploy(at::zeros({2, 512}));
  deploy.forward = [](const at::Tensor& x) { return std::vector<at::Tensor>{at::erfinv(x.flatten(1))}; };
  try {
    export_onnx(deploy, tiny_card(), dir / "a.onnx");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.message().find("aten::erfinv"), std::string::npos) << e.message();
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(Export, ValuesMustFitTheirLabels) {
  const testing::TempDir dir;
  auto deploy = tiny_deploy(at::arange(1024, at::kFloat).view({2, 512}));
  deploy.forward = [forward = deploy.forward](const at::Tensor& x) {
    const at::Tensor logits = forward(x)[0];
    return std::vector<at::Tensor>{logits, at::sigmoid(logits)};
  };
  deploy.outputs.push_back(face::face_values("gates", "of both sides", "0..1", {"left", "right"}));
  EXPECT_EQ(export_onnx(deploy, tiny_card(), dir / "a.onnx").card.outputs.at(1).labels.at(1), "right");
  deploy.outputs.back().labels = {"left"};
  EXPECT_THROW(export_onnx(deploy, tiny_card(), dir / "b.onnx"), Error);
  EXPECT_FALSE(std::filesystem::exists(dir / "b.onnx"));
}

TEST(Export, LogitsMustFitTheClasses) {
  const testing::TempDir dir;
  EXPECT_THROW(export_onnx(tiny_deploy(at::zeros({3, 512})), tiny_card(), dir / "a.onnx"), Error);
}

}  // namespace
}  // namespace mien::train
