// SPDX-License-Identifier: Apache-2.0
// Packing and checking on small drawn pictures.
#include "mien/dataset/packing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/random.h"
#include "mien/dataset/check.h"
#include "mien/image/encode.h"
#include "support/temp_dir.h"

namespace mien::dataset {
namespace {

using pack::Split;
using ::testing::HasSubstr;

/// A different blurred pattern for each number: enough structure for a hash, as faces have.
cv::Mat drawn(int number) {
  Random random(static_cast<std::uint64_t>(number));
  cv::Mat small(8, 8, CV_8UC1), picture;
  for (int i = 0; i < 64; ++i) small.data[i] = static_cast<std::uint8_t>(30 + random.below(180));
  cv::resize(small, picture, {48, 48}, 0, 0, cv::INTER_CUBIC);
  return picture;
}

void save(const std::filesystem::path& path, const cv::Mat& picture) { write_file(path, image::encode_png(picture)); }

/// Four pictures of two classes in each split.
void make_folders(const testing::TempDir& dir) {
  int number = 0;
  for (const char* split : {"train", "valid", "test"})
    for (const char* name : {"happy", "sad"})
      for (int i = 0; i < 2; ++i)
        save(dir.path() / "set" / split / name / (std::to_string(i) + ".png"), drawn(++number));
}

CheckReport check(const std::filesystem::path& path) {
  const CancelToken never;
  return check_data_set(read_data_set(path, {}), 2, {}, never);
}

PackSummary write(const DataSet& set, const std::filesystem::path& to, PackOptions options = {}) {
  const CancelToken never;
  options.threads = 2;
  return write_pack(*set.tree, set.listing, to, options, {}, never);
}

TEST(Packing, ColourIsKeptRedFirst) {
  const testing::TempDir dir;
  save(dir.path() / "set/train/happy/a.png", cv::Mat(48, 48, CV_8UC3, cv::Scalar(10, 20, 30)));  // blue, green, red
  save(dir.path() / "set/train/sad/b.png", cv::Mat(48, 48, CV_8UC3, cv::Scalar(40, 50, 60)));
  PackOptions options;
  options.channels = 3;
  write(read_data_set(dir / "set", {}), dir / "a.pack", options);
  const pack::Pack pack(dir / "a.pack");
  EXPECT_EQ(pack.info().channels, 3);
  EXPECT_EQ(pack.pixels(0)[0], 30);
  EXPECT_EQ(pack.pixels(0)[2], 10);
}

TEST(Packing, PixelsLabelsAndSplitsArrive) {
  const testing::TempDir dir;
  make_folders(dir);
  const auto set = read_data_set(dir / "set", {});
  const auto summary = write(set, dir / "a.pack");
  EXPECT_EQ(summary.num_pictures, 12u);
  const pack::Pack pack(dir / "a.pack");
  EXPECT_EQ(pack.hash(), summary.hash);
  EXPECT_EQ(pack.info().classes, (std::vector<std::string>{"happiness", "sadness"}));
  const auto test = pack.indices(Split::test);
  ASSERT_EQ(test.size(), 4u);
  EXPECT_EQ(pack.sample(test[0]).source, "test/happy/0.png");
  const cv::Mat expected = drawn(9);  // the first picture of the third split
  EXPECT_TRUE(std::equal(expected.data, expected.data + 2304, pack.pixels(test[0]).begin()));
}

TEST(Packing, ClassesAreThoseOfAllPartsAndOfEmptyFolders) {
  const testing::TempDir dir;
  save(dir / "set/train/happy/a.png", drawn(1));
  save(dir / "set/test/angry/b.png", drawn(2));
  std::filesystem::create_directories(dir / "set/train/neutral");
  const auto set = read_data_set(dir / "set", {});
  write(set, dir / "a.pack");
  const pack::Pack pack(dir / "a.pack");
  EXPECT_EQ(pack.info().classes, (std::vector<std::string>{"neutral", "happiness", "anger"}));
  EXPECT_EQ(pack.sample(0).label, 2);  // test/angry/b.png
  EXPECT_EQ(pack.sample(1).label, 1);
  write(set, dir / "b.pack", {.classes = {"happiness", "anger"}});
  EXPECT_EQ(pack::Pack(dir / "b.pack").sample(0).label, 1);
}

TEST(Packing, OneClassAloneIsRefusedWithTheRemedy) {
  const testing::TempDir dir;
  save(dir / "set/happy/a.png", drawn(1));
  const auto set = read_data_set(dir / "set", {});
  try {
    write(set, dir / "a.pack");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("contains only one class (happiness)"));
    EXPECT_THAT(error.what(), HasSubstr("--classes"));
  }
  EXPECT_EQ(write(set, dir / "a.pack", {.classes = face::class_set(7)}).num_pictures, 1u);
}

TEST(Packing, TwiceGivesTheSameBytes) {
  const testing::TempDir dir;
  make_folders(dir);
  const auto set = read_data_set(dir / "set", {});
  write(set, dir / "a.pack");
  write(set, dir / "b.pack");
  EXPECT_EQ(read_file(dir / "a.pack"), read_file(dir / "b.pack"));
}

/// Finds a face in bright pictures: turned by 30 degrees to the right, all points in the middle of the picture except
/// those of the axes.
class BrightFaces final : public image::FaceMeshEstimator {
 public:
  std::optional<std::vector<face::Point3>> estimate(const image::Image& image, const face::Landmarks& rough) override {
    if (cv::mean(image)[0] < 100) return std::nullopt;
    const auto middle = static_cast<float>(image.cols) / 2;
    EXPECT_GT(rough.right_eye.x, rough.left_eye.x);
    std::vector<face::Point3> mesh(face::kNumMeshPoints, {middle, middle, 0});
    mesh[263] = {middle + 10 * std::cos(0.5236f), middle, 10 * std::sin(0.5236f)};
    mesh[10].y -= 5, mesh[152].y += 5;
    return mesh;
  }
};

TEST(Packing, EstimatesLandmarksAndPoseWhereTheyAreMissingAndCountsFailures) {
  const testing::TempDir dir;
  save(dir.path() / "set/train/happy/bright.png", cv::Mat(96, 96, CV_8UC1, cv::Scalar(200)));
  save(dir.path() / "set/train/happy/dark.png", cv::Mat(96, 96, CV_8UC1, cv::Scalar(20)));
  save(dir.path() / "set/train/sad/known.png", cv::Mat(96, 96, CV_8UC1, cv::Scalar(20)));
  auto set = read_data_set(dir / "set", {});
  for (auto& item : set.listing.items)
    if (item.sample.source.ends_with("known.png")) {
      item.sample.landmarks.assign(face::kNumPoints68, {96, 48});
      item.sample.yaw = pack::Angle{-7};
      item.sample.pitch = pack::Angle{3};
    }
  PackOptions options;
  options.estimate_landmarks = options.estimate_pose = true;
  options.estimator = [] { return std::make_unique<BrightFaces>(); };
  const auto summary = write(set, dir / "a.pack", options);
  EXPECT_EQ(summary.findings.count("points and angles not estimated"), 1u);
  const pack::Pack pack(dir / "a.pack");
  ASSERT_EQ(pack.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const pack::Sample& s = pack.sample(i);
    if (s.source.ends_with("bright.png")) {
      EXPECT_EQ(s.landmarks[30], (face::Point{24, 24}));  // packed at 48 of 96 pixels
      EXPECT_EQ(s.landmark_origin, pack::Origin::estimate);
      EXPECT_NEAR(s.yaw->degrees, 30, 0.1);
      EXPECT_EQ(s.yaw->origin, pack::Origin::estimate);
    } else if (s.source.ends_with("dark.png")) {
      EXPECT_TRUE(s.landmarks.empty());
      EXPECT_FALSE(s.yaw.has_value());
    } else {
      EXPECT_EQ(s.landmarks[0], (face::Point{48, 24}));
      EXPECT_EQ(s.landmark_origin, pack::Origin::data_set);
      EXPECT_EQ(s.yaw, pack::Angle{-7});
    }
  }
}

TEST(Packing, WholePicturesBringTheirBoxes) {
  const testing::TempDir dir;
  save(dir.path() / "set/train/happy/a.png", cv::Mat(100, 200, CV_8UC1, cv::Scalar(200)));
  save(dir.path() / "set/train/sad/b.png", cv::Mat(100, 200, CV_8UC1, cv::Scalar(100)));
  auto set = read_data_set(dir / "set", {});
  auto& boxes = set.listing.items[0].sample.boxes.emplace();
  boxes.push_back({{100, 50, 120, 20}, static_cast<int>(face::Expression::fear)});  // 20 pixels beyond the picture
  PackOptions options;
  options.whole = pack::PictureSize{80, 60};
  write(set, dir / "a.pack", options);
  const pack::Pack pack(dir / "a.pack");
  EXPECT_EQ(pack.info().width, 80);
  EXPECT_EQ(pack.info().height, 60);
  EXPECT_EQ(pack.info().placement, pack::Placement::letterbox);
  const pack::Sample& s = pack.sample(0);
  EXPECT_EQ(s.original, (pack::PictureSize{200, 100}));
  ASSERT_EQ(s.boxes->size(), 1u);
  EXPECT_EQ(s.boxes->front().box, (face::Box{40, 30, 40, 8}));  // 80 × 40 pixels at (0, 10)
  EXPECT_EQ(pack.info().classes[static_cast<std::size_t>(s.boxes->front().label)], "fear");
  EXPECT_FALSE(pack.sample(1).boxes.has_value());
  EXPECT_EQ(pack.pixels(0)[0], 128);
  EXPECT_EQ(pack.pixels(0)[80 * 10], 200);
  boxes.front().box = {300, 50, 20, 20};
  EXPECT_THROW(write(set, dir / "b.pack", options), Error);
}

TEST(Packing, DefectsAreRefusedUnlessSkippedAndLeaveNothingBehind) {
  const testing::TempDir dir;
  make_folders(dir);
  write_file(dir / "set/train/sad/9.png", "not a picture");
  write_file(dir / "set/train/bored/1.png", "");
  const auto set = read_data_set(dir / "set", {});
  EXPECT_THROW(write(set, dir / "out/a.pack"), Error);
  EXPECT_FALSE(std::filesystem::exists(dir / "out/a.pack"));
  const auto summary = write(set, dir / "out/a.pack", {.skip_defects = true});
  EXPECT_EQ(summary.num_pictures, 12u);
  EXPECT_EQ(summary.findings.count("unreadable picture"), 1u);
  EXPECT_EQ(summary.findings.count("folder names no expression"), 1u);
}

TEST(Packing, InterruptLeavesNothing) {
  const testing::TempDir dir;
  make_folders(dir);
  const auto set = read_data_set(dir / "set", {});
  CancelToken cancel;
  cancel.cancel();
  std::filesystem::create_directory(dir / "out");
  EXPECT_THROW(write_pack(*set.tree, set.listing, dir / "out/a.pack", {}, {}, cancel), Error);
  EXPECT_TRUE(std::filesystem::is_empty(dir / "out"));
}

TEST(Packing, SixClassesDropNeutralAndNormaliseTheRest) {
  const testing::TempDir dir;
  save(dir / "a.png", drawn(1));
  save(dir / "b.png", drawn(2));
  write_file(dir / "l.csv",
             "path,neutral,happiness,sadness,surprise,fear,disgust,anger,contempt\na.png,2,6,2,0,0,0,0,0\nb.png,9,1,0,"
             "0,0,0,0,0\n");
  const auto summary = write(read_data_set(dir / "l.csv", {}), dir / "a.pack", {.classes = face::class_set(6)});
  const pack::Pack pack(dir / "a.pack");
  ASSERT_EQ(pack.size(), 1u);
  EXPECT_EQ(summary.findings.count("class not packed"), 1u);
  EXPECT_EQ(pack.info().classes.front(), "happiness");
  EXPECT_EQ(pack.sample(0).label, 0);
  EXPECT_FLOAT_EQ(pack.sample(0).distribution[0], 0.75f);
}

/// Reports a given face, without a network.
class FixedDetector final : public image::FaceDetector {
 public:
  std::vector<face::Detection> detect(const image::Image& image) override {
    if (image.cols < 100) return {};
    const face::Landmarks eyes{{40, 40}, {60, 40}, {50, 50}, {42, 60}, {58, 60}};
    return {{{30, 25, 40, 50}, 0.9f, eyes}};
  }
  std::string name() const override { return "fixed"; }
};

TEST(Packing, WithADetectorFacesAreCutAndFacelessPicturesLeftOut) {
  const testing::TempDir dir;
  cv::Mat large;
  cv::resize(drawn(3), large, {120, 120});
  save(dir / "happy/a.png", large);
  save(dir / "happy/b.png", drawn(4));
  const auto summary =
      write(read_data_set(dir.path(), {}), dir / "a.pack",
            {.classes = face::class_set(7), .detector = [] { return std::make_unique<FixedDetector>(); }});
  EXPECT_EQ(summary.num_pictures, 1u);
  EXPECT_EQ(summary.findings.count("no face found"), 1u);
}

TEST(Packing, ADetectorGivesWholePicturesTheirBoxesWhichAreMarked) {
  const testing::TempDir dir;
  cv::Mat large;
  cv::resize(drawn(3), large, {120, 120});
  save(dir.path() / "set/happy/a.png", large);
  save(dir.path() / "set/sad/b.png", drawn(4));  // too small for the detector
  auto set = read_data_set(dir / "set", {});
  PackOptions options;
  options.classes = face::class_set(7);
  options.detector = [] { return std::make_unique<FixedDetector>(); };
  options.whole = pack::PictureSize{60, 60};
  const auto summary = write(set, dir / "a.pack", options);
  EXPECT_EQ(summary.num_pictures, 1u);
  EXPECT_EQ(summary.findings.count("no face found"), 1u);
  const pack::Pack pack(dir / "a.pack");
  EXPECT_EQ(pack.info().box_origin, pack::Origin::estimate);
  EXPECT_EQ(pack.info().provenance.at("crop_rule"), "whole picture");
  const auto& boxes = pack.sample(0).boxes;
  ASSERT_TRUE(boxes && boxes->size() == 1);
  EXPECT_EQ(boxes->front().box, (face::Box{15, 12.5f, 20, 25}));
  EXPECT_EQ(pack.info().classes[static_cast<std::size_t>(boxes->front().label)], "happiness");
  Listing listing;
  const auto checked = check_pack(pack, listing, 1, {}, {});
  EXPECT_EQ(checked.fields.at(pack.sample(0).split).detected_boxes, 1u);
  set.listing.items[0].sample.boxes.emplace();
  EXPECT_THROW(write(set, dir / "b.pack", options), Error);
}

TEST(Check, CopiesAcrossSplitsAreFoundHoweverTheyWereChanged) {
  const testing::TempDir dir;
  make_folders(dir);
  cv::Mat mirrored, brighter = drawn(11) + cv::Scalar::all(5);
  cv::flip(drawn(10), mirrored, 1);
  save(dir / "set/train/happy/as_is.png", drawn(9));
  save(dir / "set/train/happy/mirrored.png", mirrored);
  write_file(dir / "set/train/sad/jpeg.jpg", image::encode_jpeg(drawn(12), 80));
  save(dir / "set/train/happy/relabelled.png", brighter);  // sad in the test part
  const auto report = check(dir / "set");
  EXPECT_EQ(report.exact.across, 1u);
  EXPECT_EQ(report.all.across, 4u);
  EXPECT_EQ(report.all.within, 0u);
  EXPECT_EQ(report.all.label_conflicts, 1u);
  EXPECT_EQ(report.findings.num_defects(), 0u);
  const auto set = read_data_set(dir / "set", {});
  EXPECT_THAT(to_json(report, set.listing).dump(), HasSubstr("test/happy/0.png"));
}

TEST(Check, APackGivesTheCountsAndDuplicatesOfItsDataSet) {
  const testing::TempDir dir;
  make_folders(dir);
  save(dir / "set/train/happy/copy.png", drawn(9));
  write(read_data_set(dir / "set", {}), dir / "a.pack", {.classes = face::class_set(6)});
  const CancelToken never;
  Listing listing;
  const auto report = check_pack(pack::Pack(dir / "a.pack"), listing, 2, {}, never);
  EXPECT_EQ(report.counts.at(Split::train)[static_cast<std::size_t>(face::Expression::happiness)], 3u);
  EXPECT_EQ(report.exact.across, 1u);
}

TEST(Check, UnreadableAndOddlySizedPicturesAreReported) {
  const testing::TempDir dir;
  for (int i = 0; i < 40; ++i) save(dir / ("happy/" + std::to_string(i) + ".png"), drawn(i));
  cv::Mat wide;
  cv::resize(drawn(99), wide, {60, 20});
  save(dir / "happy/wide.png", wide);
  write_file(dir / "happy/cut.png", read_file(dir / "happy/1.png").substr(0, 200));
  const auto report = check(dir.path());
  EXPECT_EQ(report.findings.count("unreadable picture"), 1u);
  EXPECT_EQ(report.findings.count("odd size, usual is 48x48"), 1u);
  EXPECT_EQ(report.findings.count("smaller than 32 pixels"), 1u);
  EXPECT_EQ(report.sizes.at("48x48"), 40u);
}

TEST(Duplicates, GroupsAreCountedOnce) {
  // 0 = 1 (train, train), 0 = 2 (train, test); 3 alone.
  const std::vector<Pair> pairs = {{0, 1, Likeness::exact}, {0, 2, Likeness::exact}};
  const auto counts = count_duplicates(pairs, std::vector<int>{0, 0, 2, 0}, std::vector<int>{1, 1, 5, 0});
  EXPECT_EQ(counts.within, 1u);
  EXPECT_EQ(counts.across, 1u);
  EXPECT_EQ(counts.label_conflicts, 1u);
}

}  // namespace
}  // namespace mien::dataset
