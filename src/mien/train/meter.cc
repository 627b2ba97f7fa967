// SPDX-License-Identifier: Apache-2.0
#include "mien/train/meter.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>

namespace mien::train {

void Meter::add(double wait, double work, std::int64_t pictures) {
  wait_ += wait;
  work_ += work;
  ++steps_;
  pictures_ += pictures;
}

double Meter::pictures_per_second() const { return static_cast<double>(pictures_) / std::max(1e-9, seconds()); }

double Meter::wait_share() const { return wait_ / std::max(1e-9, seconds()); }

double Meter::seconds_left(std::int64_t steps, std::int64_t later_pictures) const {
  if (steps_ == 0 || pictures_ == 0) return 0;
  return seconds() * (static_cast<double>(steps) / static_cast<double>(steps_) +
                      static_cast<double>(later_pictures) / static_cast<double>(pictures_));
}

std::string clock_text(double seconds) {
  const auto s = static_cast<long long>(seconds);
  return fmt::format("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

double resident_gb() {
  std::ifstream file("/proc/self/statm");
  long long total = 0, resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * 4096 / 1e9;
}

}  // namespace mien::train
