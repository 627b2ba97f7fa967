// SPDX-License-Identifier: Apache-2.0
// An environment variable that is set during the object's lifetime.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace mien::testing {

class Variable {
 public:
  /// An empty value unsets it.
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    value.empty() ? unsetenv(name) : setenv(name, value.c_str(), 1);
  }
  ~Variable() { old_ ? setenv(name_, old_->c_str(), 1) : unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

}  // namespace mien::testing
