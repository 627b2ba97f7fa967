// SPDX-License-Identifier: Apache-2.0
// Card section 9: eight pictures of 64 pixels with one face each, SGD 5e-3 with Nesterov momentum 0.937 and ten steps
// of linear warm-up: the loss falls below 5 % of its start within 200 steps, and all faces are found with the right
// class. The pictures are synthetic: a bright square on noise, with a pattern per class. Half of the published width.
#include <gtest/gtest.h>

#include "mien/methods/fer_yolo_mamba/loss.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

constexpr std::int64_t kPictures = 8, kSide = 64;

struct Scenes {
  at::Tensor images;              ///< (8,3,64,64)
  std::vector<at::Tensor> faces;  ///< (1,5) each
};

Scenes make_scenes() {
  Scenes scenes{at::randn({kPictures, 3, kSide, kSide}) * 0.3, {}};
  for (std::int64_t i = 0; i < kPictures; ++i) {
    const std::int64_t side = 24 + 2 * i, x = 4 * (i % 3), y = 5 * (i % 2), label = i % 7;
    at::Tensor face = scenes.images[i].narrow(1, y, side).narrow(2, x, side);
    face += 1.5;
    face.narrow(1, label * side / 8, side / 8) -= 3;  // a dark bar whose height is the class
    scenes.faces.push_back(at::tensor({static_cast<float>(x) + static_cast<float>(side) / 2,
                                       static_cast<float>(y) + static_cast<float>(side) / 2, static_cast<float>(side),
                                       static_cast<float>(side), static_cast<float>(label)})
                               .view({1, 5}));
  }
  return scenes;
}

/// Pictures whose best box has the right class and overlaps the face by half or more.
int right_ones(FerYoloMambaNet& network, const Scenes& scenes) {
  const torch::NoGradGuard no_grad;
  network->eval();
  const at::Tensor decoded = decode(network->forward(scenes.images).heads, kSide, kSide);
  int right = 0;
  for (std::int64_t i = 0; i < kPictures; ++i) {
    const at::Tensor score = decoded[i].select(1, 4) * std::get<0>(decoded[i].slice(1, 5).max(1));
    const at::Tensor best = decoded[i][score.argmax().item<std::int64_t>()];
    const at::Tensor& face = scenes.faces[static_cast<std::size_t>(i)];
    const at::Tensor box = (best.narrow(0, 0, 4) * kSide).unsqueeze(0);
    const bool same_class = best.slice(0, 5).argmax().item<std::int64_t>() == face[0][4].item<std::int64_t>();
    right += same_class && pairwise_iou(face.narrow(1, 0, 4), box).item<float>() >= 0.5f;
  }
  return right;
}

TEST(FerYoloMamba, OverfitsEightPictures) {
  torch::manual_seed(3);
  const Scenes scenes = make_scenes();
  FerYoloMambaConfig config;
  config.width = 16;
  FerYoloMambaNet network(config, 7, 3);
  initialise(network);
  torch::optim::SGD sgd(network->parameters(), torch::optim::SGDOptions(5e-3).momentum(0.937).nesterov(true));
  double first = 0, last = 0;
  int learnt_at = 400;
  for (int step = 0; step < 400; ++step) {
    static_cast<torch::optim::SGDOptions&>(sgd.param_groups()[0].options()).lr(5e-3 * std::min(1.0, (step + 1) / 10.0));
    network->train();
    const Levels heads = network->forward(scenes.images).heads;
    const DetectionLoss loss = detection_loss(heads, scenes.faces, strides_of(heads, kSide));
    const at::Tensor total = loss.box + loss.objectness + loss.classes;
    last = total.item<double>();
    if (step == 0) first = last;
    if (last < 0.05 * first) learnt_at = std::min(learnt_at, step);
    if (learnt_at <= step && step % 20 == 19 && right_ones(network, scenes) == kPictures) break;
    sgd.zero_grad();
    total.backward();
    sgd.step();
  }
  EXPECT_LT(learnt_at, 200);
  EXPECT_EQ(right_ones(network, scenes), kPictures);
  EXPECT_LT(last, 0.05 * first);
}

}  // namespace
}  // namespace mien::methods::fer_yolo_mamba
