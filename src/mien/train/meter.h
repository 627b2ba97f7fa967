// SPDX-License-Identifier: Apache-2.0
// Speed, waiting and remaining time.
#pragma once

#include <cstdint>
#include <string>

namespace mien::train {

/// Sums over the running epoch.
class Meter {
 public:
  void clear() { *this = Meter(); }
  /// One step: seconds until its batch was ready, seconds of work, and its pictures.
  void add(double wait, double work, std::int64_t pictures);
  double pictures_per_second() const;
  double wait_share() const;  ///< 0..1
  /// Remaining time: steps of this stage at the pace so far, then pictures of later stages at the same pace per
  /// picture (their batch size may differ).
  double seconds_left(std::int64_t steps, std::int64_t later_pictures) const;

 private:
  double seconds() const { return wait_ + work_; }
  double wait_ = 0, work_ = 0;
  std::int64_t steps_ = 0, pictures_ = 0;
};

std::string clock_text(double seconds);  ///< "01:02:03"
double resident_gb();                    ///< memory of this process, 10⁹ bytes

}  // namespace mien::train
