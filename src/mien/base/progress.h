// SPDX-License-Identifier: Apache-2.0
// Long work reports through a sink given by the caller, and stops at the caller's request.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace mien {

/// Set from a signal handler or another thread; long loops check it between steps.
class CancelToken {
 public:
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool is_cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

/// The token that Ctrl-C and SIGTERM set, once install_interrupt_handler() has run. A second Ctrl-C ends the process.
CancelToken& interrupt_token();
void install_interrupt_handler();
/// Throws interrupted (exit code 130) if the token is set.
void throw_if_cancelled(const CancelToken& token);

/// One progress message: the work, how much is done, and the total. Libraries call the sink; only programs print.
struct ProgressReport {
  std::string what;  ///< "pack", "train"
  std::int64_t done = 0;
  std::int64_t total = 0;  ///< 0: unknown
  std::string detail;      ///< free text, may be empty
};
using ProgressSink = std::function<void(const ProgressReport&)>;
using LogSink = std::function<void(const std::string& line)>;

}  // namespace mien
