// SPDX-License-Identifier: Apache-2.0
#include "mien/method/deploy.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "support/errors.h"

namespace mien::method {
namespace {

TEST(DeployOf, RunsTheNetworkInInferenceModeAndNamesWhatItGives) {
  torch::nn::Sequential network(torch::nn::Flatten(), torch::nn::Dropout(0.9), torch::nn::Linear(12, 2));
  face::InputSpec input;
  input.channels = 3, input.width = input.height = 2;
  network->train();
  const at::Tensor centre = torch::ones({2});
  const Deploy deploy = deploy_of(input, network.ptr(),
                                  [network, centre](const at::Tensor& images) mutable -> std::vector<DeployOutput> {
                                    const at::Tensor logits = network->forward(images);
                                    return {{{"logits", kLogitsMeaning, "real"}, logits},
                                            {{"distance", "from the centre", "real"}, logits - centre}};
                                  },
                                  {{"centre", centre}});
  EXPECT_EQ(deploy.outputs.at(1).name, "distance");
  EXPECT_EQ(deploy.weights.back().first, "centre");
  EXPECT_EQ(deploy.weights.size(), 3u);
  network->train();  // between deploy() and export: the pass still runs in inference mode
  const at::Tensor images = torch::randn({4, 3, 2, 2});
  const auto out = deploy.forward(images);
  const auto expected = network[2]->as<torch::nn::Linear>()->forward(images.flatten(1));
  EXPECT_TRUE(out.at(0).equal(expected));
  EXPECT_TRUE(out.at(1).equal(expected - 1));
  EXPECT_FALSE(out.at(0).requires_grad());
}

TEST(LinearClassifier, GivesLogitsAndMapsWithTheirPlace) {
  const at::Tensor features = torch::tensor({{{{1.0f, 2.0f}}, {{3.0f, 5.0f}}}}),
                   weight = torch::tensor({{2.0f, -1.0f}});
  const auto outputs = linear_classifier_outputs(torch::zeros({1, 1}), features, weight, 32, 0.5f);
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[1].spec.name, "class_maps");
  EXPECT_EQ(outputs[1].spec.cell_stride, 32);
  EXPECT_TRUE(outputs[1].value.equal(torch::tensor({{{{-1.0f, -1.0f}}}})));
}

TEST(DeployOptions, AReconstructionMustBePossible) {
  refuse_reconstruction("dan", {});
  const Error error = testing::error_of([] { refuse_reconstruction("dan", {.with_reconstruction = true}); });
  EXPECT_EQ(error.kind(), ErrorKind::usage);
  EXPECT_NE(error.message().find("dan"), std::string::npos);
}

}  // namespace
}  // namespace mien::method
