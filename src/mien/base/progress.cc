// SPDX-License-Identifier: Apache-2.0
#include "mien/base/progress.h"

#include <csignal>

#include "mien/base/error.h"

namespace mien {
namespace {

void on_signal(int number) {
  if (interrupt_token().is_cancelled()) {
    std::signal(number, SIG_DFL);
    std::raise(number);
    return;
  }
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
