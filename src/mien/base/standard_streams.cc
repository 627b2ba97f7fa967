// SPDX-License-Identifier: Apache-2.0
#include "mien/base/standard_streams.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <streambuf>

namespace mien {
namespace {

/// A buffer for stdout that records why writing failed.
class StandardOutput : public std::streambuf {
 public:
  StandardOutput() { setp(buffer_.data(), buffer_.data() + buffer_.size()); }
  int reason() const { return reason_; }

 protected:
  int_type overflow(int_type next) override {
    if (sync() != 0) return traits_type::eof();
    if (traits_type::eq_int_type(next, traits_type::eof())) return traits_type::not_eof(next);
    *pptr() = traits_type::to_char_type(next);
    pbump(1);
    return next;
  }
  int sync() override {
    const char* from = pbase();
    while (from < pptr()) {
      const ssize_t written = ::write(STDOUT_FILENO, from, static_cast<std::size_t>(pptr() - from));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        reason_ = errno;
        return -1;
      }
      from += written;
    }
    setp(buffer_.data(), buffer_.data() + buffer_.size());
    return 0;
  }

 private:
  std::array<char, 1 << 16> buffer_;
  int reason_ = 0;
};

/// Never destroyed: std::cout may be used until the process ends.
StandardOutput& standard_output() {
  static StandardOutput* const output = new StandardOutput;
  return *output;
}

}  // namespace

void prepare_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    // The stream gets the lowest free number, which is its own. It stays open for the life of the process.
    static_cast<void>(::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::cout.rdbuf(&standard_output());
  std::cout.exceptions(std::ios::badbit);
}

std::optional<std::string> output_failure() {
  std::cout.exceptions(std::ios::goodbit);
  const int reason = standard_output().reason();
  if (reason == EPIPE) return std::nullopt;
  return fmt::format("The output cannot be written ({}).", std::strerror(reason));
}

}  // namespace mien
