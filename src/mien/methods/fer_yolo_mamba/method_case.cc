// SPDX-License-Identifier: Apache-2.0
#include "support/method_case.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

bool trains_scan(const method::Stage& stage) {
  for (const auto& group : stage.players.front().groups)
    for (const auto& [name, value] : group.parameters)
      if (name.ends_with(".A_logs")) return true;
  return false;
}

}  // namespace

testing::MethodCase method_case() {
  namespace effect = testing::effect;
  const auto freezes = [](const char* prefix) {
    return effect::stage(
        "frozen", [prefix](const method::Stage& stage) { return stage.frozen == std::vector<std::string>{prefix}; });
  };
  return {.tiny = {"model.width=16", "recipe.first.epochs=1", "recipe.first.batch_size=13", "recipe.second.epochs=1",
                   "recipe.second.batch_size=13"},
          .side = 64,
          .flags = {{{"model.neck=csp"}, effect::parameters()},
                    {{"model.width=32"}, effect::parameters()},
                    {{"model.vss.frm=false"}, effect::parameters()},
                    {{"model.vss.ssm=false"}, effect::parameters()},
                    {{"model.vss.attention=none"}, effect::parameters()},
                    {{"model.vss.directions=4"}, effect::parameters()},
                    {{"model.vss.directions=2"}, effect::parameters()},
                    {{"model.vss.directions=1"}, effect::parameters()},
                    {{"model.vss.scan=zoh"}, effect::logits()},
                    {{"model.p3_stride=16"}, effect::logits()},
                    {{"loss.strides=[16, 16, 32]"}, effect::total()},
                    {{"recipe.train_ssm=false"},
                     effect::stage("frozen scan", [](const auto& stage) { return !trains_scan(stage); })},
                    {{"recipe.freeze=csp"}, freezes("backbone.backbone.")},
                    {{"recipe.freeze=neck"}, freezes("backbone.")},
                    {{"recipe.first.epochs=0"},
                     effect::stage("second", [](const auto& stage) { return stage.name == "second"; })},
                    {{"recipe.first.batch_size=8"},
                     effect::stage("batch of 8", [](const auto& stage) { return stage.needs.batch_size == 8; })},
                    {{"recipe.average=false"},
                     effect::stage("no average", [](const auto& stage) { return !stage.players.front().average; })},
                    {{"augment.single=false"}, effect::views()},
                    {{"augment.mosaic=false"}, effect::views()},
                    {{"augment.mixup=false"}, effect::views()}}};
}

}  // namespace mien::methods::fer_yolo_mamba
