// SPDX-License-Identifier: Apache-2.0
#include "mien/train/position.h"

#include <fmt/core.h>

namespace mien::train {
namespace {

Json best_to_json(const Best& best) {
  return {{"stage", best.stage},
          {"figure", best.judgement.figure},
          {"value", best.judgement.value},
          {"score", best.judgement.score},
          {"epoch", best.epoch}};
}

Best best_from_json(const Json& json, const std::string& origin) {
  return {json_at<std::string>(json, "stage", origin),
          {json_at<std::string>(json, "figure", origin), json_at<double>(json, "value", origin),
           json_at<double>(json, "score", origin)},
          json_at<int>(json, "epoch", origin)};
}

/// For runs from before the best epoch was recorded per stage.
Best flat_best(const Json& json, const std::string& origin) {
  const auto score = json_at<double>(json, "best_score", origin);
  return {"", {"accuracy", score, score}, json_at<int>(json, "best_epoch", origin)};
}

}  // namespace

Json to_json(const Position& position) {
  Json finished = Json::array();
  for (const auto& best : position.finished) finished.push_back(best_to_json(best));
  return {{"stage", position.stage},
          {"epoch", position.epoch},
          {"step", position.step},
          {"best", best_to_json(position.best)},
          {"finished", finished}};
}

Position position_from_json(const Json& json, const std::string& origin) {
  Position position;
  position.stage = json_at<std::size_t>(json, "stage", origin);
  position.epoch = json_at<int>(json, "epoch", origin);
  position.step = json_at<std::int64_t>(json, "step", origin);
  if (!json.contains("best")) {
    position.best = flat_best(json, origin);
    return position;
  }
  position.best = best_from_json(json.at("best"), origin);
  for (const auto& best : json_at<Json>(json, "finished", origin))
    position.finished.push_back(best_from_json(best, origin));
  return position;
}

std::string describe(const Judgement& judgement) {
  if (judgement.figure.empty()) return "not evaluated";
  if (judgement.figure == "accuracy") return fmt::format("accuracy {:.2f} %", 100 * judgement.value);
  return fmt::format("{} {:.4f}", judgement.figure, judgement.value);
}

}  // namespace mien::train
