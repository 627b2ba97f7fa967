// SPDX-License-Identifier: Apache-2.0
// The rule that chooses between two detectors, tested with detectors that give fixed answers.
#include "mien/detect/adaptive_detector.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mien::detect {
namespace {

/// Returns given faces and counts its pictures.
class FixedDetector final : public image::FaceDetector {
 public:
  FixedDetector(std::vector<face::Detection> faces, float smallest, int& pictures)
      : faces_(std::move(faces)), smallest_(smallest), pictures_(pictures) {}
  std::vector<face::Detection> detect(const image::Image&) override {
    ++pictures_;
    return faces_;
  }
  float smallest_face_px(const image::Image&) const override { return smallest_; }
  std::string name() const override { return "fixed"; }

 private:
  std::vector<face::Detection> faces_;
  float smallest_;
  int& pictures_;
};

face::Detection scored_face(float x, float score) { return {{x, 0, 10, 10}, score, face::Landmarks{}}; }

struct AdaptiveRun {
  std::vector<face::Detection> found;
  int glances = 0, fast = 0, accurate = 0, made = 0;
  float smallest = 0;
};

using Faces = std::vector<face::Detection>;

/// Two pictures of 32 × 32 pixels, with a sure score of 0.8; faces of 8 pixels count as large.
AdaptiveRun run_adaptive(Faces fast, Faces accurate, Faces glance = {}) {
  AdaptiveRun run;
  const image::Image picture(32, 32, CV_8UC3, cv::Scalar::all(0));
  AdaptiveDetector detector(std::make_unique<FixedDetector>(std::move(glance), 20.0f, run.glances),
                            std::make_unique<FixedDetector>(std::move(fast), 3.0f, run.fast),
                            [&] {
                              ++run.made;
                              return std::make_unique<FixedDetector>(accurate, 7.0f, run.accurate);
                            },
                            {0.8f, 0.25f});
  run.found = detector.detect(picture);
  detector.detect(picture);
  run.smallest = detector.smallest_face_px(picture);
  return run;
}

TEST(Adaptive, OneLargeSureFaceWithoutHintsNeedsNoFurtherLook) {
  const AdaptiveRun run = run_adaptive({scored_face(0, 0.9f), scored_face(20, 0.9f)}, {}, {scored_face(1, 0.8f)});
  ASSERT_EQ(run.found.size(), 1u);
  EXPECT_FLOAT_EQ(run.found[0].box.x, 1);
  EXPECT_EQ(run.glances, 2);
  EXPECT_EQ(run.fast, 0);
  EXPECT_FLOAT_EQ(run.smallest, 3);  // of a picture without faces, which gets the further looks
}

TEST(Adaptive, AHintAtAnotherFaceCallsTheFastDetector) {
  const AdaptiveRun run =
      run_adaptive({scored_face(0, 0.9f), scored_face(20, 0.9f)}, {}, {scored_face(1, 0.9f), scored_face(20, 0.05f)});
  EXPECT_EQ(run.found.size(), 2u);
  EXPECT_EQ(run.fast, 2);
}

TEST(Adaptive, AGlanceIsNotEnoughForUnsureSmallOrNoFaces) {
  const image::Image wide(32, 41, CV_8UC3, cv::Scalar::all(0));  // a face of 10 pixels is 0.244 of it
  const GlanceRule rule{0.8f, 0.25f};
  EXPECT_FALSE(only_face({}, wide.colRange(0, 32), rule));
  EXPECT_FALSE(only_face({scored_face(0, 0.79f)}, wide.colRange(0, 32), rule));
  EXPECT_FALSE(only_face({scored_face(0, 0.9f)}, wide, rule));
  EXPECT_TRUE(only_face({scored_face(0, 0.9f)}, wide.colRange(0, 40), rule));
}

TEST(Adaptive, SureFacesNeedNoSecondDetector) {
  const AdaptiveRun run = run_adaptive({scored_face(0, 0.9f), scored_face(20, 0.8f)}, {scored_face(40, 1)});
  EXPECT_EQ(run.found.size(), 2u);
  EXPECT_EQ(run.fast, 2);
  EXPECT_EQ(run.made, 0);
  EXPECT_FLOAT_EQ(run.smallest, 3);
}

TEST(Adaptive, OneUnsureFaceCallsTheAccurateDetectorWhichIsMadeOnce) {
  const AdaptiveRun run =
      run_adaptive({scored_face(0, 0.9f), scored_face(20, 0.79f)}, {scored_face(1, 0.6f), scored_face(60, 0.5f)});
  ASSERT_EQ(run.found.size(), 2u);  // the face at 0 is the one at 1; the unsure one at 20 is gone
  EXPECT_FLOAT_EQ(run.found[0].box.x, 1);
  EXPECT_FLOAT_EQ(run.found[1].box.x, 60);
  EXPECT_EQ(run.accurate, 2);
  EXPECT_EQ(run.made, 1);
  EXPECT_FLOAT_EQ(run.smallest, 7);
}

TEST(Adaptive, NoFaceIsNeverSure) {
  const AdaptiveRun run = run_adaptive({}, {scored_face(5, 0.5f)});
  ASSERT_EQ(run.found.size(), 1u);
  EXPECT_EQ(run.accurate, 2);
}

TEST(Adaptive, SureFacesThatTheAccurateDetectorMissesAreKeptInTheOrderOfScores) {
  const AdaptiveRun run =
      run_adaptive({scored_face(0, 0.9f), scored_face(20, 0.6f)}, {scored_face(60, 0.95f), scored_face(90, 0.5f)});
  ASSERT_EQ(run.found.size(), 3u);
  EXPECT_FLOAT_EQ(run.found[0].box.x, 60);
  EXPECT_FLOAT_EQ(run.found[1].box.x, 0);
  EXPECT_FLOAT_EQ(run.found[2].box.x, 90);
}

}  // namespace
}  // namespace mien::detect
