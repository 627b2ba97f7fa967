// SPDX-License-Identifier: Apache-2.0
// Means of named values over an epoch; they go into the checkpoint, so that an interrupted epoch reports equal values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mien/base/json.h"

namespace mien::train {

class LossMeans {
 public:
  void add(const std::string& name, double value);
  /// In the order of their first appearance.
  std::vector<std::pair<std::string, double>> means() const;
  void clear() { sums_.clear(); }
  Json to_json() const;
  void load(const Json& json);

 private:
  struct Sum {
    std::string name;
    double sum = 0;
    std::int64_t count = 0;
  };
  std::vector<Sum> sums_;
};

}  // namespace mien::train
