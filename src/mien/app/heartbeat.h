// SPDX-License-Identifier: Apache-2.0
// Without a terminal, a long-running command reports that it is working, even if it has no counter.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace mien::app {

class Heartbeat {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kGap{10};

  /// Calls `speak` on a separate thread with the time since the start, whenever nothing was printed for `gap`.
  explicit Heartbeat(std::function<void(std::chrono::seconds since_begin)> speak, Clock::duration gap = kGap);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;
  /// Something else was printed just now. Thread-safe.
  void was_said();

 private:
  void run();

  std::function<void(std::chrono::seconds)> speak_;
  Clock::duration gap_;
  Clock::time_point begin_ = Clock::now(), last_ = begin_;
  bool ends_ = false;
  std::mutex mutex_;  ///< guards the two above
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace mien::app
