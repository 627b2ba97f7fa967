// SPDX-License-Identifier: Apache-2.0
// Returns what a function body throws; used by all tests of error messages.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "mien/base/error.h"

namespace mien::testing {

/// The Error that the body throws; one with the message "no error" if it throws none.
inline Error error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorKind::failed, "no error");
}

/// Message and remedy of an error of kind failed; "no error " if there is none.
inline std::string failure_of(const std::function<void()>& body) {
  const Error error = error_of(body);
  EXPECT_EQ(error.kind(), ErrorKind::failed);
  return error.message() + " " + error.remedy();
}

}  // namespace mien::testing
