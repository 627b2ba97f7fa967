// SPDX-License-Identifier: Apache-2.0
#include "mien/score/figures.h"

#include <algorithm>

namespace mien::score {
namespace {

constexpr std::size_t kMaxCurvePoints = 200;

void put(Json& object, const std::string& name, const std::optional<score::Share>& share) {
  object[name] = share ? Json(share->value) : Json();
  object[name + "_interval"] = share ? Json{share->interval.low, share->interval.high} : Json();
}

Json curve_json(const std::vector<score::RiskPoint>& curve) {
  Json out = Json::array();
  const std::size_t n = curve.size(), kept = std::min(n, kMaxCurvePoints);
  for (std::size_t i = 1; i <= kept; ++i) {
    const auto& p = curve[i * n / kept - 1];  // the last point, which answers all, is among them
    out.push_back({p.coverage, p.risk, p.threshold});
  }
  return out;
}

}  // namespace

Figures figures_of(const Evaluation& e, std::uint64_t seed) {
  std::vector<float> confidence;
  std::vector<std::uint8_t> correct;
  for (const auto& o : e.outcomes) {
    confidence.push_back(o.confidence);
    correct.push_back(o.correct());
  }
  return {score::class_figures(e.confusion, Figures::kDraws, seed), score::reliability_bins(confidence, correct),
          score::risk_coverage(confidence, correct)};
}

Json to_json(const Figures& figures, const std::vector<std::string>& classes) {
  Json per_class = Json::object(), reliability = Json::array();
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const auto& f = figures.classes[k];
    Json one = {{"pictures", f.pictures}, {"predicted", f.predicted}};
    put(one, "recall", f.recall);
    put(one, "precision", f.precision);
    put(one, "f1", f.f1);
    per_class[classes[k]] = one;
  }
  for (const auto& bin : figures.reliability)
    reliability.push_back({{"count", bin.count},
                           {"confidence", bin.confidence},
                           {"accuracy", bin.accuracy},
                           {"accuracy_interval", {bin.interval.low, bin.interval.high}}});
  return {{"per_class", per_class},
          {"reliability", reliability},
          {"risk_coverage", curve_json(figures.risk_coverage)},
          {"aurc", score::area_under_risk(figures.risk_coverage)}};
}

}  // namespace mien::score
