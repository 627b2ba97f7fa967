// SPDX-License-Identifier: Apache-2.0
// Hand cases of the card's section 9.
#include "mien/methods/fer_yolo_mamba/loss.h"

#include <gtest/gtest.h>

namespace mien::methods::fer_yolo_mamba {
namespace {

/// Maps of a 64-pixel picture: 8 × 8, 4 × 4 and 2 × 2 cells, all logits 0.
Levels empty_heads(std::int64_t pictures = 1, std::int64_t classes = 7) {
  return {at::zeros({pictures, 5 + classes, 8, 8}), at::zeros({pictures, 5 + classes, 4, 4}),
          at::zeros({pictures, 5 + classes, 2, 2})};
}

TEST(BoxLoss, HandCase) {
  const at::Tensor predicted = at::tensor({10.f, 10.f, 4.f, 4.f}).view({1, 4});
  const at::Tensor face = at::tensor({11.f, 10.f, 4.f, 4.f}).view({1, 4});
  EXPECT_NEAR(pairwise_iou(face, predicted).item<double>(), 0.6, 1e-6);
  EXPECT_NEAR(box_loss(predicted, face).item<double>(), 0.64, 1e-6);
}

TEST(PairwiseIou, EmptyBoxesHaveNoOverlap) {
  const at::Tensor empty = at::tensor({5.f, 5.f, 0.f, 0.f}).view({1, 4});
  EXPECT_EQ(pairwise_iou(empty, empty).item<float>(), 0);
}

TEST(AssignmentCost, HandCase) {
  const at::Tensor iou = at::full({1, 1}, 0.6f), logit = at::zeros({1}), classes = at::zeros({1, 7});
  const at::Tensor label = at::zeros({1}, at::kLong);
  const at::Tensor inside = at::ones({1, 1}, at::kBool);
  EXPECT_NEAR(assignment_cost(iou, logit, classes, label, inside).item<double>(), 6.384507, 1e-5);
  EXPECT_NEAR(assignment_cost(iou, logit, classes, label, inside.logical_not()).item<double>(), 100006.384507, 0.01);
}

TEST(Decode, HandCase) {  // stride 8, column 3, row 2
  Levels heads = empty_heads();
  const float raw[] = {0.2f, -0.1f, 0.5f, 0.f};
  for (int i = 0; i < 4; ++i) heads[0][0][i][2][3] = raw[i];
  const Cells cells = cells_of(heads, strides_of(heads, 64));
  const at::Tensor box = decode_boxes(flatten(heads).narrow(-1, 0, 4), cells)[0][2 * 8 + 3];
  const double wanted[] = {25.6, 15.2, 13.1898, 8};
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(box[i].item<double>(), wanted[i], 1e-4);
  const at::Tensor decoded = decode(heads, 64, 64)[0][2 * 8 + 3];
  EXPECT_NEAR(decoded[0].item<double>(), 25.6 / 64, 1e-6);
  EXPECT_EQ(decoded[4].item<float>(), 0.5f);
}

TEST(Assign, TheNumberOfCellsIsTheTruncatedSumOfTheLargestOverlaps) {
  // A face of 16 × 16 centred on the border of four cells of stride 16: their boxes of 16 × 16 overlap it by 9/23 each;
  // those of stride 8 overlap less; four times 9/23 and six small ones give the number.
  Levels heads = empty_heads();
  const Cells cells = cells_of(heads, strides_of(heads, 64));
  const at::Tensor rows = flatten(heads)[0];
  const at::Tensor boxes = decode_boxes(rows.narrow(-1, 0, 4), cells);
  const at::Tensor face = at::tensor({32.f, 32.f, 16.f, 16.f, 3.f}).view({1, 5});
  const Assignment a = assign(boxes, rows.select(-1, 4), rows.narrow(-1, 5, 7), cells, face);
  const double sum = std::get<0>(pairwise_iou(face.narrow(1, 0, 4), boxes).topk(10, 1)).sum().item<double>();
  EXPECT_EQ(a.dynamic_k.item<std::int64_t>(), static_cast<std::int64_t>(sum));
  EXPECT_EQ(a.anchors.size(0), static_cast<std::int64_t>(sum));
  EXPECT_EQ(a.unmatched, 0);
}

TEST(DetectionLoss, APictureWithoutFacesTeachesObjectnessOnly) {
  Levels heads = empty_heads(1);
  for (at::Tensor& head : heads) head.requires_grad_();
  const DetectionLoss loss = detection_loss(heads, {at::zeros({0, 5})}, strides_of(heads, 64));
  EXPECT_EQ(loss.num_cells, 0);
  EXPECT_EQ(loss.box.item<float>(), 0);
  EXPECT_EQ(loss.classes.item<float>(), 0);
  EXPECT_NEAR(loss.objectness.item<double>(), 84 * std::log(2.0), 1e-3);  // 64 + 16 + 4 cells, divided by 1
  (loss.box + loss.objectness + loss.classes).backward();
  EXPECT_TRUE(heads[0].grad().isfinite().all().item<bool>());
}

TEST(DetectionLoss, AFaceOutsideEveryGridIsCountedAsUnmatched) {  // card 8.10
  const Levels heads = empty_heads(1);
  const at::Tensor face = at::tensor({500.f, 500.f, 10.f, 10.f, 1.f}).view({1, 5});
  const DetectionLoss loss = detection_loss(heads, {face}, strides_of(heads, 64));
  EXPECT_EQ(loss.unmatched, 1);
  EXPECT_EQ(loss.num_cells, 0);
  EXPECT_TRUE(std::isfinite(loss.objectness.item<double>()));
}

TEST(DetectionLoss, ManyAndVeryThinFacesGiveFiniteNumbers) {
  torch::manual_seed(2);
  Levels heads{torch::randn({1, 12, 40, 40}), torch::randn({1, 12, 20, 20}), torch::randn({1, 12, 10, 10})};
  for (at::Tensor& head : heads) head.requires_grad_();
  at::Tensor faces = at::rand({500, 5}) * 300 + 1;
  faces.select(1, 4) = at::arange(500).remainder(7);
  faces[0] = at::tensor({160.f, 160.f, 320.f, 1.f, 2.f});  // as wide as the picture, one pixel high
  faces[1] = at::tensor({160.f, 160.f, 0.5f, 300.f, 3.f});
  const auto loss = detection_loss(heads, {faces}, strides_of(heads, 320));
  const at::Tensor total = loss.objectness + loss.box + loss.classes;
  total.backward();
  EXPECT_TRUE(std::isfinite(total.item<double>()));
  EXPECT_GT(loss.num_cells, 100);
  for (const at::Tensor& head : heads) EXPECT_TRUE(at::isfinite(head.grad()).all().item<bool>());
}

TEST(DetectionLoss, PredictionsThatAreNotFiniteGiveLossesThatAreNot) {
  const at::Tensor face = at::tensor({20.f, 20.f, 10.f, 10.f, 1.f}).view({1, 5});
  for (const float wrong : {std::nanf(""), INFINITY, 200.f}) {  // e^200 is not a width
    Levels heads = empty_heads(1);
    heads[1][0][2][1][1] = wrong;
    const DetectionLoss loss = detection_loss(heads, {face}, strides_of(heads, 64));
    EXPECT_FALSE(std::isfinite(loss.box.item<float>())) << wrong;
    EXPECT_FALSE(std::isfinite(loss.objectness.item<float>())) << wrong;
  }
}

TEST(Schedule, HandCase) {  // batches of 32, then of 16
  const FerYoloMambaConfig config;
  const auto rate = [&](int batch, int epoch) {
    return rate_of(config, batch) * method::schedule_factor(config.optimiser.schedule, epoch, 1, 300);
  };
  EXPECT_NEAR(rate(32, 0), 5e-4, 1e-12);
  EXPECT_NEAR(rate(32, 1), 1e-3, 1e-12);
  EXPECT_NEAR(rate(32, 2), 2.5e-3, 1e-12);
  EXPECT_NEAR(rate(32, 3), 5e-3, 1e-12);
  EXPECT_NEAR(rate(32, 50), 4.668413e-3, 1e-9);
  EXPECT_NEAR(rate(32, 99), 3.714440e-3, 1e-9);
  EXPECT_NEAR(rate(16, 100), 1.845093e-3, 1e-9);
  EXPECT_NEAR(rate(16, 150), 1.179844e-3, 1e-9);
  EXPECT_NEAR(rate(16, 200), 5.395843e-4, 1e-9);
  EXPECT_NEAR(rate(16, 285), 2.5e-5, 1e-12);
}

}  // namespace
}  // namespace mien::methods::fer_yolo_mamba
