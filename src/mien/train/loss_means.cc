// SPDX-License-Identifier: Apache-2.0
#include "mien/train/loss_means.h"

#include <algorithm>

namespace mien::train {

void LossMeans::add(const std::string& name, double value) {
  auto at = std::find_if(sums_.begin(), sums_.end(), [&](const Sum& s) { return s.name == name; });
  if (at == sums_.end()) at = sums_.insert(sums_.end(), Sum{name});
  at->sum += value;
  ++at->count;
}

std::vector<std::pair<std::string, double>> LossMeans::means() const {
  std::vector<std::pair<std::string, double>> out;
  for (const auto& s : sums_) out.emplace_back(s.name, s.sum / static_cast<double>(std::max<std::int64_t>(1, s.count)));
  return out;
}

Json LossMeans::to_json() const {
  Json out = Json::array();
  for (const auto& s : sums_) out.push_back({s.name, s.sum, s.count});
  return out;
}

void LossMeans::load(const Json& json) {
  sums_.clear();
  for (const auto& row : json)
    sums_.push_back({row.at(0).get<std::string>(), row.at(1).get<double>(), row.at(2).get<std::int64_t>()});
}

}  // namespace mien::train
