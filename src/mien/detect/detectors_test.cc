// SPDX-License-Identifier: Apache-2.0
// Decoders of the detectors, against values worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "mien/base/error.h"
#include "mien/detect/blazeface.h"
#include "mien/detect/centerface.h"
#include "mien/detect/two_looks.h"
#include "mien/detect/yunet.h"

namespace mien::detect {
namespace {

TEST(BlazeFace, AnchorsOfBothRanges) {
  const auto close = blazeface_layout(BlazeFaceRange::short_range), full = blazeface_layout(BlazeFaceRange::full_range);
  ASSERT_EQ(close.anchors.size(), 896u);
  EXPECT_EQ(close.anchors[0], (face::Point{4, 4}));
  EXPECT_EQ(close.anchors[1], (face::Point{4, 4}));  // two per cell
  EXPECT_EQ(close.anchors[2], (face::Point{12, 4}));
  EXPECT_EQ(close.anchors[32], (face::Point{4, 12}));  // next row
  EXPECT_EQ(close.anchors[512], (face::Point{8, 8}));  // second level, six per cell
  EXPECT_EQ(close.anchors[518], (face::Point{24, 8}));
  EXPECT_EQ(close.anchors.back(), (face::Point{120, 120}));
  ASSERT_EQ(full.anchors.size(), 2304u);
  EXPECT_EQ(full.anchors[49], (face::Point{6, 6}));
}

class BlazeFaceDecode : public ::testing::Test {
 protected:
  void set(std::size_t anchor, float logit, float x, float y, float side) {
    scores_[anchor] = logit;
    float* v = &regressors_[anchor * kBlazeFaceValues];
    v[0] = x, v[1] = y, v[2] = v[3] = side;
    const float points[12] = {-5, -4, 5, -4, 0, 1, 0, 6, -9, 0, 9, 0};
    for (int i = 0; i < 12; ++i) v[4 + i] = points[i] + (i % 2 ? y : x);
  }
  BlazeFaceLayout layout_ = blazeface_layout(BlazeFaceRange::full_range);
  std::vector<float> scores_ = std::vector<float>(2304, -100),
                     regressors_ = std::vector<float>(2304 * kBlazeFaceValues, 0);
};

TEST_F(BlazeFaceDecode, OneFaceByHand) {
  set(49, 2, 10, 20, 30);  // anchor (6, 6)
  const auto faces = decode_blazeface(layout_, regressors_, scores_, 0.5f);
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_NEAR(faces[0].score, 1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_FLOAT_EQ(faces[0].box.x, 1);
  EXPECT_FLOAT_EQ(faces[0].box.y, 11);
  EXPECT_FLOAT_EQ(faces[0].box.width, 30);
  EXPECT_EQ(faces[0].landmarks->left_eye, (face::Point{11, 22}));
  EXPECT_EQ(faces[0].landmarks->right_eye, (face::Point{21, 22}));
  EXPECT_EQ(faces[0].landmarks->nose, (face::Point{16, 27}));
  EXPECT_EQ(faces[0].landmarks->left_mouth, (face::Point{16, 32}));
}

TEST_F(BlazeFaceDecode, OverlapsAreAveragedByScore) {
  set(49, 100, 10, 10, 20);  // centre 16, score 1
  set(50, 0, 10, 10, 20);    // anchor (10, 6): centre 20, score 1/2
  set(2000, 3, 0, 0, 8);     // far away
  const auto faces = decode_blazeface(layout_, regressors_, scores_, 0.5f);
  ASSERT_EQ(faces.size(), 2u);
  EXPECT_NEAR(faces[0].score, 1, 1e-6);
  EXPECT_NEAR(faces[0].box.centre().x, (16 * 1 + 20 * 0.5) / 1.5, 1e-4);
  EXPECT_NEAR(faces[0].landmarks->nose.x, (16 * 1 + 20 * 0.5) / 1.5, 1e-4);
}

TEST_F(BlazeFaceDecode, WeakAndEmptyBoxesAreLeftOut) {
  set(49, -0.01f, 10, 10, 20);
  set(60, 5, 0, 0, -3);
  EXPECT_TRUE(decode_blazeface(layout_, regressors_, scores_, 0.5f).empty());
  scores_.pop_back();
  EXPECT_THROW(decode_blazeface(layout_, regressors_, scores_, 0.5f), Error);
}

class CenterFaceDecode : public ::testing::Test {
 protected:
  static constexpr int kWidth = 16, kHeight = 8, kPlane = kWidth * kHeight;
  void set(int x, int y, float score, float width, float height) {
    const std::size_t cell = static_cast<std::size_t>(y * kWidth + x);
    heat_[cell] = score;
    scale_[cell] = std::log(height / 4), scale_[kPlane + cell] = std::log(width / 4);
    offset_[cell] = 0.25f, offset_[kPlane + cell] = -0.25f;
    for (std::size_t i = 0; i < 5; ++i)
      landmarks_[2 * i * kPlane + cell] = 0.1f * float(i), landmarks_[(2 * i + 1) * kPlane + cell] = 0.2f * float(i);
  }
  CenterFaceMaps maps() const { return {kWidth, kHeight, heat_, scale_, offset_, landmarks_}; }
  std::vector<float> heat_ = std::vector<float>(kPlane), scale_ = std::vector<float>(2 * kPlane),
                     offset_ = std::vector<float>(2 * kPlane), landmarks_ = std::vector<float>(10 * kPlane);
};

TEST_F(CenterFaceDecode, OneFaceByHand) {
  set(8, 4, 0.9f, 16, 20);
  const auto faces = decode_centerface(maps(), 0.5f);
  ASSERT_EQ(faces.size(), 1u);
  // centre: x = (8 - 0.25 + 0.5) 4 = 33, y = (4 + 0.25 + 0.5) 4 = 19
  EXPECT_NEAR(faces[0].box.x, 25, 1e-4);
  EXPECT_NEAR(faces[0].box.y, 9, 1e-4);
  EXPECT_NEAR(faces[0].box.width, 16, 1e-4);
  EXPECT_NEAR(faces[0].box.height, 20, 1e-4);
  EXPECT_NEAR(faces[0].landmarks->right_eye.x, 25 + 0.2 * 16, 1e-4);
  EXPECT_NEAR(faces[0].landmarks->right_eye.y, 9 + 0.1 * 20, 1e-4);
  EXPECT_NEAR(faces[0].landmarks->right_mouth.x, 25 + 0.8 * 16, 1e-4);
}

TEST_F(CenterFaceDecode, NeighboursAreSuppressedAndBoxesClipped) {
  set(0, 0, 0.8f, 30, 30);
  set(1, 0, 0.9f, 30, 30);
  set(12, 5, 0.6f, 12, 12);
  set(13, 1, 0.4f, 4, 4);
  const auto faces = decode_centerface(maps(), 0.5f);
  ASSERT_EQ(faces.size(), 2u);
  EXPECT_FLOAT_EQ(faces[0].score, 0.9f);
  EXPECT_EQ(faces[0].box.x, 0);
  EXPECT_EQ(faces[0].box.y, 0);
}

TEST_F(CenterFaceDecode, WrongLengthsAreErrors) {
  scale_.pop_back();
  EXPECT_THROW(decode_centerface(maps(), 0.5f), Error);
  EXPECT_THROW(decode_centerface({}, 0.5f), Error);
}

class YunetDecode : public ::testing::Test {
 protected:
  static constexpr int kWidth = 96, kHeight = 64;
  struct Values {
    std::vector<float> face, overlap, box, landmarks;
  };
  YunetDecode() {
    for (std::size_t i = 0; i < 3; ++i) {
      const auto cells = static_cast<std::size_t>(kWidth / kYunetStrides[i] * (kHeight / kYunetStrides[i]));
      values_[i] = {std::vector<float>(cells), std::vector<float>(cells), std::vector<float>(4 * cells),
                    std::vector<float>(10 * cells)};
    }
  }
  /// A face whose centre is a quarter of a cell to the right of the corner of cell (x, y), half a cell below.
  void set(std::size_t level, int x, int y, float face, float overlap, float width, float height) {
    const auto stride = static_cast<float>(kYunetStrides[level]);
    const auto cell = static_cast<std::size_t>(y * (kWidth / kYunetStrides[level]) + x);
    Values& v = values_[level];
    v.face[cell] = face, v.overlap[cell] = overlap;
    const float box[4] = {0.25f, 0.5f, std::log(width / stride), std::log(height / stride)};
    std::copy(std::begin(box), std::end(box), &v.box[4 * cell]);
    for (std::size_t i = 0; i < 5; ++i)
      v.landmarks[10 * cell + 2 * i] = 0.1f * float(i), v.landmarks[10 * cell + 2 * i + 1] = -0.2f * float(i);
  }
  std::array<YunetLevel, 3> levels() const {
    std::array<YunetLevel, 3> out;
    for (std::size_t i = 0; i < 3; ++i)
      out[i] = {values_[i].face, values_[i].overlap, values_[i].box, values_[i].landmarks};
    return out;
  }
  std::array<Values, 3> values_;
};

TEST_F(YunetDecode, OneFaceByHand) {
  set(1, 2, 1, 0.81f, 0.49f, 24, 20);
  const auto faces = decode_yunet(levels(), kWidth, kHeight, 0.5f);
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_NEAR(faces[0].score, 0.63, 1e-6);  // 0.9 × 0.7
  // centre: x = (2 + 0.25) 16 = 36, y = (1 + 0.5) 16 = 24
  EXPECT_NEAR(faces[0].box.x, 24, 1e-4);
  EXPECT_NEAR(faces[0].box.y, 14, 1e-4);
  EXPECT_NEAR(faces[0].box.width, 24, 1e-4);
  EXPECT_NEAR(faces[0].box.height, 20, 1e-4);
  EXPECT_NEAR(faces[0].landmarks->left_eye.x, 32, 1e-4);
  EXPECT_NEAR(faces[0].landmarks->right_mouth.x, 2.4 * 16, 1e-4);
  EXPECT_NEAR(faces[0].landmarks->right_mouth.y, 0.2 * 16, 1e-4);
}

TEST_F(YunetDecode, LevelsAreOnePictureAndWeakOrBrokenCellsAreLeftOut) {
  set(0, 3, 3, 1, 0.64f, 16, 16);
  set(1, 1, 1, 1, 0.81f, 16, 16);  // the same face, its centre (20, 24); the first one's is (26, 28)
  set(2, 2, 1, 1.2f, 1, 40, 200);  // a probability above 1 counts as 1; the box is cut at the edge
  set(0, 9, 0, 0.4f, 0.5f, 8, 8);
  set(0, 11, 7, 1, 1, std::numeric_limits<float>::infinity(), 8);
  const auto faces = decode_yunet(levels(), kWidth, kHeight, 0.5f);
  ASSERT_EQ(faces.size(), 2u);
  EXPECT_FLOAT_EQ(faces[0].score, 1);
  EXPECT_FLOAT_EQ(faces[0].box.y, 0);
  EXPECT_FLOAT_EQ(faces[0].box.height, kHeight);
  EXPECT_FLOAT_EQ(faces[1].score, 0.9f);
}

TEST_F(YunetDecode, WrongLengthsAreErrors) {
  EXPECT_THROW(decode_yunet(levels(), kWidth, kHeight + 32, 0.5f), Error);
  EXPECT_THROW(decode_yunet(levels(), 0, 0, 0.5f), Error);
  values_[2].box.pop_back();
  EXPECT_THROW(decode_yunet(levels(), kWidth, kHeight, 0.5f), Error);
}

face::Detection face_at(float x, float y, float width, float height, float score) {
  return {{x, y, width, height}, score, {}};
}

std::vector<float> scores_of(const std::vector<face::Detection>& faces) {
  std::vector<float> out;
  for (const auto& f : faces) out.push_back(f.score);
  return out;
}

TEST(TwoLooks, PartsOfAFaceThatFillsThePictureAreOneFace) {
  // As measured on a face enlarged to 1,600 pixels: the first look sees two parts, the second the whole.
  const auto faces =
      merge_looks({face_at(15, 22, 53, 66, 0.73f), face_at(38, 27, 64, 76, 0.63f)}, {face_at(2, 0, 97, 134, 0.94f)});
  EXPECT_EQ(scores_of(faces), (std::vector<float>{0.94f}));
  // The better score is kept, even if it belongs to a part.
  EXPECT_EQ(scores_of(merge_looks({face_at(15, 22, 53, 66, 0.97f)}, {face_at(2, 0, 97, 134, 0.94f)})),
            (std::vector<float>{0.97f}));
}

TEST(TwoLooks, GroupsKeepTheirFaces) {
  const std::vector<face::Detection> group = {face_at(0, 0, 60, 80, 0.9f), face_at(50, 0, 60, 80, 0.8f)};
  EXPECT_EQ(scores_of(merge_looks(group, {face_at(1, 1, 60, 80, 0.95f), face_at(51, 1, 60, 80, 0.85f)})),
            (std::vector<float>{0.9f, 0.8f}));
  // A child in front of a face that only the second look sees whole: both looks see the child.
  EXPECT_EQ(scores_of(merge_looks({face_at(60, 80, 20, 26, 0.8f)},
                                  {face_at(0, 0, 100, 130, 0.9f), face_at(61, 80, 20, 26, 0.7f)})),
            (std::vector<float>{0.9f, 0.8f}));
  EXPECT_TRUE(merge_looks({}, {}).empty());
  EXPECT_EQ(merge_looks({}, {face_at(0, 0, 9, 9, 0.6f)}).size(), 1u);
}

}  // namespace
}  // namespace mien::detect
