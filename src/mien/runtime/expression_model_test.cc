// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/expression_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <limits>
#include <thread>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/face/resample.h"
#include "mien/runtime/input.h"
#include "support/errors.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace mien::runtime {
namespace {

using ::testing::HasSubstr;

class ExpressionModelTest : public ::testing::Test {
 protected:
  void SetUp() override { setenv("MIEN_CACHE", (dir_ / "cache").c_str(), 1); }
  std::filesystem::path write(const std::string& name, const std::string& bytes) {
    write_file(dir_ / name, bytes);
    return dir_ / name;
  }
  Error load_error(const std::filesystem::path& path) {
    try {
      ExpressionModel::load(path);
    } catch (const Error& error) {
      EXPECT_FALSE(error.remedy().empty());
      return error;
    }
    return Error(ErrorKind::failed, "no error");
  }
  testing::TempDir dir_;
};

/// 8 × 8: left half `left`, right half `right`.
std::vector<std::uint8_t> halves(int left, int right) {
  std::vector<std::uint8_t> crop(64);
  for (std::size_t i = 0; i < 64; ++i) crop[i] = static_cast<std::uint8_t>(i % 8 < 4 ? left : right);
  return crop;
}

TEST_F(ExpressionModelTest, LogitsOfABatchByHand) {
  const auto model = ExpressionModel::load(write("tiny.onnx", testing::tiny_model()));
  EXPECT_EQ(model.card().name, "tiny-test");
  ExpressionSession session(model);
  auto crops = halves(255, 255);
  const auto dark = halves(0, 0);
  crops.insert(crops.end(), dark.begin(), dark.end());
  const auto logits = session.logits(crops, 2, 8);
  ASSERT_EQ(logits.size(), 16u);
  EXPECT_NEAR(logits[0], 1, 1e-5);  // (1 - 0.5) / 0.5
  EXPECT_NEAR(logits[9], -1, 1e-5);
  EXPECT_NEAR(logits[2], 0, 1e-6);
  for (const std::size_t count : {1u, 3u, 1u}) {  // any batch size, in any order
    std::vector<std::uint8_t> more;
    for (std::size_t i = 0; i < count; ++i) more.insert(more.end(), dark.begin(), dark.end());
    EXPECT_EQ(session.logits(more, count, 8).size(), count * 8);
  }
  EXPECT_TRUE(session.logits({}, 0, 8).empty());
  EXPECT_THROW(session.logits(dark, 1, 9), Error);
}

TEST_F(ExpressionModelTest, LogitsThatAreNotFiniteAreRefused) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const auto model = ExpressionModel::load(write("bad.onnx", testing::tiny_model(testing::tiny_card(), bad)));
    ExpressionSession session(model);
    const auto error = testing::error_of([&] { session.logits(halves(255, 255), 1, 8); });
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_THAT(error.message(),
                HasSubstr("'tiny-test' returned values that are not finite numbers (output 'logits')"));
  }
}

TEST_F(ExpressionModelTest, FlipAveragesBothViews) {
  const auto model = ExpressionModel::load(write("tiny.onnx", testing::tiny_model()));
  ExpressionSession session(model);
  const auto plain = session.logits(halves(255, 0), 1, 8), flipped = session.logits(halves(255, 0), 1, 8, true);
  EXPECT_GT(plain[0], 0.8);
  EXPECT_LT(plain[1], -0.8);
  EXPECT_NEAR(flipped[0], 0, 1e-5);
  EXPECT_NEAR(flipped[1], 0, 1e-5);
}

TEST_F(ExpressionModelTest, MapsOfEachCropByHand) {
  const auto model = ExpressionModel::load(write("maps.onnx", testing::tiny_model(testing::tiny_card_with_maps())));
  ExpressionSession session(model);
  auto crops = halves(255, 255);
  const auto half = halves(255, 0);
  crops.insert(crops.end(), half.begin(), half.end());
  session.logits(crops, 2, 8);
  for (const std::size_t i : {0u, 1u}) {
    const auto maps = session.maps(i);
    ASSERT_EQ(maps.size(), 1u);  // the logits have no cells
    EXPECT_EQ(maps[0].name, "class_maps");
    EXPECT_EQ(maps[0].shape, (Shape{8, 2, 2}));
    EXPECT_NEAR(maps[0].values[0], i == 0 ? 1 : 0.93, 0.02);  // white: (1 - 0.5) / 0.5; blurred at the border
    EXPECT_NEAR(maps[0].values[1], i == 0 ? 1 : -0.93, 0.02);
    EXPECT_NEAR(maps[0].values[4], i == 0 ? -1 : -0.93, 0.02);
    EXPECT_EQ(maps[0].values[8], 0);
  }
  EXPECT_THROW(session.maps(2), Error);
  session.logits(half, 1, 8, true);  // a picture and its mirror image, mirrored back: the same map
  EXPECT_NEAR(session.maps(0)[0].values[0], 0.93, 0.02);
  EXPECT_NEAR(session.maps(0)[0].values[1], -0.93, 0.02);
  const auto plain = ExpressionModel::load(write("tiny.onnx", testing::tiny_model()));
  ExpressionSession without(plain);
  without.logits(half, 1, 8);
  EXPECT_TRUE(without.maps(0).empty());
}

TEST_F(ExpressionModelTest, ValuesOfEachCropByHand) {
  const auto model = ExpressionModel::load(write("values.onnx", testing::tiny_model(testing::tiny_card_with_values())));
  ExpressionSession session(model);
  auto crops = halves(255, 255);
  const auto dark = halves(0, 0);
  crops.insert(crops.end(), dark.begin(), dark.end());
  session.logits(crops, 2, 8);
  for (const std::size_t i : {0u, 1u}) {
    const auto values = session.values(i);
    ASSERT_EQ(values.size(), 1u);
    EXPECT_EQ(values[0].name, "sides");
    EXPECT_EQ(values[0].labels.at(1), "right");
    ASSERT_EQ(values[0].values.size(), 8u);
    EXPECT_NEAR(values[0].values[0], i == 0 ? 0.731059 : 0.268941, 1e-5);  // logistic of 1 and of -1
    EXPECT_NEAR(values[0].values[7], 0.5, 1e-6);
  }
  EXPECT_THROW(session.values(2), Error);
  EXPECT_TRUE(session.maps(0).empty());
  const auto half = halves(255, 0);
  session.logits(half, 1, 8);
  const auto plain = session.values(0)[0].values;
  EXPECT_GT(plain[0], plain[1] + 0.3);
  session.logits(half, 1, 8, true);  // with its mirror image: the mean of both
  EXPECT_NEAR(session.values(0)[0].values[0], (plain[0] + plain[1]) / 2, 1e-5);
}

TEST_F(ExpressionModelTest, ValuesThatTheCardCountsOtherwiseAreRefused) {
  auto card = testing::tiny_card_with_values();
  card.outputs.back().labels.pop_back();
  const auto model = ExpressionModel::load(write("values.onnx", testing::tiny_model(card)));
  ExpressionSession session(model);
  session.logits(halves(0, 0), 1, 8);
  try {
    session.values(0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("7 values"));
  }
}

TEST_F(ExpressionModelTest, OneFaceAloneIsAsInABatch) {
  // Batch 1 has its own network: a session switches from one to the other and back.
  const auto model = ExpressionModel::load(write("tiny.onnx", testing::tiny_model()));
  ExpressionSession session(model);
  const auto first = halves(255, 51), second = halves(0, 204);
  auto two = first;
  two.insert(two.end(), second.begin(), second.end());
  const auto alone = session.logits(first, 1, 8), both = session.logits(two, 2, 8),
             other = session.logits(second, 1, 8);
  ASSERT_EQ(both.size(), 2 * alone.size());
  for (std::size_t k = 0; k < alone.size(); ++k) {
    EXPECT_NEAR(alone[k], both[k], 1e-5);
    EXPECT_NEAR(other[k], both[alone.size() + k], 1e-5);
  }
  EXPECT_EQ(session.logits(first, 1, 8), alone);
}

TEST_F(ExpressionModelTest, SessionsOfOneModelRunSideBySide) {
  const auto model = ExpressionModel::load(write("tiny.onnx", testing::tiny_model()));
  std::vector<std::thread> threads;
  std::vector<float> first(4);
  for (std::size_t t = 0; t < first.size(); ++t)
    threads.emplace_back([&, t] {
      ExpressionSession session(model);
      for (int i = 0; i < 20; ++i) first[t] = session.logits(halves(static_cast<int>(t) * 85, 0), 1, 8)[0];
    });
  for (auto& thread : threads) thread.join();
  for (std::size_t t = 1; t < first.size(); ++t) EXPECT_GT(first[t], first[t - 1]);
}

TEST_F(ExpressionModelTest, WrongFilesAreNamed) {
  EXPECT_EQ(load_error(dir_ / "none.onnx").kind(), ErrorKind::missing);
  EXPECT_THAT(load_error(write("empty.onnx", "")).message(), HasSubstr("empty"));
  EXPECT_THAT(load_error(write("lfs.onnx", "version https://git-lfs.github.com/spec/v1\n")).remedy(),
              HasSubstr("git lfs pull"));
  EXPECT_THAT(load_error(write("page.onnx", "<html>404</html>")).message(), HasSubstr("web page"));
  EXPECT_THAT(load_error(write("checkpoint.onnx", "PK\x03\x04 rest")).remedy(), HasSubstr("mien export"));
  EXPECT_THAT(load_error(write("text.onnx", "hello")).message(), HasSubstr("not an ONNX model"));
  EXPECT_THAT(load_error(dir_.path()).message(), HasSubstr("folder"));
  const std::string model = testing::tiny_model();
  EXPECT_EQ(load_error(write("cut.onnx", model.substr(0, model.size() / 2))).kind(), ErrorKind::bad_input);
  std::string no_card = model;
  no_card.replace(no_card.find(face::kCardKey), 4, "meow");
  EXPECT_THAT(load_error(write("foreign.onnx", no_card)).message(), HasSubstr("without a mien card"));
}

TEST_F(ExpressionModelTest, ChangedWeightsAndCardsAreNoticed) {
  const std::string model = testing::tiny_model();
  std::string bad = model;
  bad[model.size() / 3] = static_cast<char>(bad[model.size() / 3] ^ 1);  // inside the weights
  EXPECT_THAT(load_error(write("weights.onnx", bad)).message(), HasSubstr("weights (hash"));
  bad = model;
  bad.replace(bad.find("happiness"), 9, "hXppiness");
  EXPECT_THAT(load_error(write("card.onnx", bad)).message(), HasSubstr("changed after export"));
}

TEST_F(ExpressionModelTest, CardAndNetworkMustAgree) {
  auto card = testing::tiny_card();
  card.outputs[0].name = "scores";
  EXPECT_THAT(load_error(write("outputs.onnx", testing::tiny_model(card))).message(), HasSubstr("'scores'"));
}

TEST_F(ExpressionModelTest, ADamagedCacheDoesNotStopTheWork) {
  const auto path = write("tiny.onnx", testing::tiny_model());
  ExpressionModel::load(path);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_ / "cache"))
    if (entry.is_regular_file()) write_file(entry.path(), "damaged");
  ExpressionSession session(ExpressionModel::load(path));
  EXPECT_NEAR(session.logits(halves(255, 255), 1, 8)[0], 1, 1e-5);
}

TEST(SessionTest, ShapesAreChecked) {
  testing::TempDir dir;
  setenv("MIEN_CACHE", (dir / "cache").c_str(), 1);
  write_file(dir / "tiny.onnx", testing::tiny_model());
  const Model model = Model::load(dir / "tiny.onnx");
  EXPECT_EQ(model.input_shape(), (Shape{-1, 1, 16, 16}));
  EXPECT_EQ(model.output_names(), std::vector<std::string>{"logits"});
  Session session(model);
  EXPECT_THROW(session.input({1, 3, 16, 16}), Error);
  EXPECT_THROW(session.input({0, 1, 16, 16}), Error);
  EXPECT_THROW(session.output("other"), Error);
  ModelOptions fixed_shape;
  fixed_shape.input_shape = Shape{2, 1, 16, 16};
  EXPECT_EQ(Model::load(dir / "tiny.onnx", fixed_shape).input_shape()[0], 2);
  EXPECT_THAT(runtime_version(), HasSubstr("OpenVINO 20"));
}

TEST(Input, EnlargementByHand) {
  face::InputSpec spec;
  spec.width = spec.height = 4;
  spec.mean = {0};
  spec.std = {1.0f / 255};  // gain 1
  const std::vector<std::uint8_t> crop = {0, 100, 100, 200};
  std::vector<float> out(16);
  fill_input(crop, 2, spec, false, out);
  // Output centres are at source -0.25 (repeated edge), 0.25, 0.75, 1.25 (repeated edge).
  const float expected[4] = {0, 25, 75, 100};
  for (int x = 0; x < 4; ++x) EXPECT_NEAR(out[x], expected[x], 1e-3);
  EXPECT_NEAR(out[5], 50, 1e-3);
  EXPECT_NEAR(out[15], 200, 1e-3);
  fill_input(crop, 2, spec, true, out);
  for (int x = 0; x < 4; ++x) EXPECT_NEAR(out[3 - x], expected[x], 1e-3);
}

TEST(Input, ContrastComesBeforeScalingAndMirroring) {
  face::InputSpec spec;
  spec.width = spec.height = 20;
  spec.mean = {0};
  spec.std = {1.0f / 255};  // gain 1
  spec.contrast.emplace();
  std::vector<std::uint8_t> crop(10 * 10);
  for (std::size_t i = 0; i < crop.size(); ++i) crop[i] = static_cast<std::uint8_t>(i * 7 % 90);
  const auto expected = face::equalised_input(crop, 10, 10, spec);
  std::vector<float> out(400);
  fill_input(crop, 10, spec, false, out);
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], expected[i], 1e-3);
  fill_input(crop, 10, spec, true, out);
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], expected[i - i % 20 + (19 - i % 20)], 1e-3);
}

TEST(Input, ChannelsAndScaling) {
  face::InputSpec spec;
  spec.width = spec.height = 1;
  spec.channels = 3;
  spec.mean = {0.5f, 0, 0.25f};
  spec.std = {0.5f, 1, 0.25f};
  const std::vector<std::uint8_t> crop = {255, 51, 0};
  std::vector<float> out(3);
  fill_input(crop, 1, spec, false, out);
  EXPECT_NEAR(out[0], 1, 1e-6);
  EXPECT_NEAR(out[1], 0.2, 1e-6);
  EXPECT_NEAR(out[2], -1, 1e-6);
  EXPECT_THROW(fill_input(crop, 2, spec, false, out), Error);
}

TEST_F(ExpressionModelTest, AnotherCardKeepsTheWeights) {
  const auto path = write("tiny.onnx", testing::tiny_model());
  face::ModelCard card = read_card(path);
  card.temperature = 2;
  card.calibration = face::Calibration{.table = {{0.1, 0.5, 0.9, 0.05}}};
  write_card(path, card, dir_ / "calibrated.onnx");
  EXPECT_EQ(read_card(path).temperature, 1);
  write_card(path, card, path);
  const auto model = ExpressionModel::load(path);
  EXPECT_EQ(model.card().temperature, 2);
  EXPECT_EQ(model.card().weights_hash, card.weights_hash);
  EXPECT_EQ(read_file(path), read_file(dir_ / "calibrated.onnx"));
  ExpressionSession session(model);
  EXPECT_NEAR(session.logits(halves(255, 255), 1, 8)[0], 1, 1e-5);  // logits are as before: their reader divides

  std::filesystem::create_symlink(path, dir_ / "link.onnx");
  card.temperature = 3;
  write_card(dir_ / "link.onnx", card, dir_ / "link.onnx");
  EXPECT_TRUE(std::filesystem::is_symlink(dir_ / "link.onnx"));
  EXPECT_EQ(read_card(path).temperature, 3);
  card.weights_hash = "0";
  EXPECT_THROW(write_card(path, card, path), Error);
  EXPECT_EQ(read_card(path).temperature, 3);
}

}  // namespace
}  // namespace mien::runtime
