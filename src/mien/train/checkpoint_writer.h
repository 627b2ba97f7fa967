// SPDX-License-Identifier: Apache-2.0
// Writes a run's checkpoints: the last one, which contains everything for a resume, and the best of each stage.
#pragma once

#include <chrono>
#include <filesystem>

#include "mien/base/progress.h"
#include "mien/train/checkpoint.h"

namespace mien::train {

/// Seconds between two saves inside an epoch: the user's value, or longer if a save takes so long that it
/// would cost more than 5 % of the time.
double save_interval(double wished_seconds, double save_seconds);

/// The remedy for losses and weights that are not finite.
inline constexpr const char* kNotFiniteRemedy =
    "Lower the learning rate (optimiser.rate, or that of the stage), or set optimiser.clip_norm. The last checkpoint "
    "is "
    "kept.";

class CheckpointWriter {
 public:
  CheckpointWriter(method::Method& method, CheckpointInfo info, double save_minutes, LogSink log);

  const CheckpointInfo& info() const { return info_; }
  /// `bookkeeping`: optimisers and moving averages of the running stage; `progress`: the run's position. Throws
  /// failed, and leaves the file unchanged, if a weight is not finite.
  void save_last(const std::filesystem::path& path, const nn::NamedTensors& bookkeeping, const Json& progress);
  /// Only weights and extra state, with the figures that selected them.
  void save_best(const std::filesystem::path& path, Json metrics) const;
  /// True if the last checkpoint is older than the interval.
  bool is_due() const;

  static Json progress_of(const nn::TensorFile& last);

 private:
  using Clock = std::chrono::steady_clock;
  void check_finite() const;
  void note_duration(const std::filesystem::path& path, double seconds);

  method::Method& method_;
  CheckpointInfo info_;
  double wished_seconds_, interval_;
  LogSink log_;
  Clock::time_point last_save_ = Clock::now();
};

}  // namespace mien::train
