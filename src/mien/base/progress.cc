// SPDX-License-Identifier: Apache-2.0
#include "mien/base/progress.h"

#include <chrono>
#include <csignal>

#include "mien/base/error.h"

namespace mien {
namespace {

using Clock = std::chrono::steady_clock;

/// `timeout` and container runtimes signal the process and then its group, so one request arrives twice.
constexpr auto kSameRequest = std::chrono::milliseconds(500);
std::atomic<Clock::rep> first_signal{0};

void on_signal(int number) {
  const Clock::duration now = Clock::now().time_since_epoch();
  if (interrupt_token().is_cancelled()) {
    if (now - Clock::duration(first_signal.load()) < kSameRequest) return;
    std::signal(number, SIG_DFL);
    std::raise(number);
    return;
  }
  first_signal.store(now.count());
  interrupt_token().cancel();
}

}  // namespace

CancelToken& interrupt_token() {
  static CancelToken token;
  return token;
}

void install_interrupt_handler() {
  interrupt_token();
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

void throw_if_cancelled(const CancelToken& token) {
  if (token.is_cancelled()) throw Error(ErrorKind::interrupted, "Interrupted.");
}

}  // namespace mien
