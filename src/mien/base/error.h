// SPDX-License-Identifier: Apache-2.0
// Errors: every failure is one sentence with file, value and remedy. Libraries throw mien::Error and never print.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mien {

enum class ErrorKind { failed, usage, bad_input, missing, interrupted };

/// Name as in the JSON contract: "failed", "usage", "bad_input", "missing", "interrupted".
std::string_view to_string(ErrorKind kind);
/// 1 failed, 2 usage, 3 bad input, 4 model or data missing, 130 interrupted.
int exit_code(ErrorKind kind);

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, std::string message, std::string remedy = {},
        std::source_location where = std::source_location::current());

  ErrorKind kind() const { return kind_; }
  const std::string& message() const {
    return message_;
  }                                                      ///< what failed: file or field, value found, what was expected
  const std::string& remedy() const { return remedy_; }  ///< what to do; may be empty
  std::string where() const;                             ///< "file.cc:12", for --verbose

 private:
  ErrorKind kind_;
  std::string message_;
  std::string remedy_;
  std::source_location where_;
};

/// Short forms for the two most frequent kinds.
[[noreturn]] void fail_input(std::string message, std::string remedy = {},
                             std::source_location where = std::source_location::current());
[[noreturn]] void fail_usage(std::string message, std::string remedy = {},
                             std::source_location where = std::source_location::current());

/// Throws bad_input with `message` unless `condition` holds.
inline void check_input(bool condition, std::string_view message, std::string_view remedy = {},
                        std::source_location where = std::source_location::current()) {
  if (!condition) fail_input(std::string(message), std::string(remedy), where);
}

}  // namespace mien
