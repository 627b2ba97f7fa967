// SPDX-License-Identifier: Apache-2.0
#include "mien/app/heartbeat.h"

#include <utility>

namespace mien::app {

Heartbeat::Heartbeat(std::function<void(std::chrono::seconds)> speak, Clock::duration gap)
    : speak_(std::move(speak)), gap_(gap), thread_([this] { run(); }) {}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Heartbeat::was_said() {
  const std::lock_guard lock(mutex_);
  last_ = Clock::now();
}

void Heartbeat::run() {
  std::unique_lock lock(mutex_);
  while (!ends_) {
    if (Clock::now() - last_ >= gap_) {
      last_ = Clock::now();
      speak_(std::chrono::duration_cast<std::chrono::seconds>(last_ - begin_));
    }
    changed_.wait_until(lock, last_ + gap_, [this] { return ends_; });
  }
}

}  // namespace mien::app
