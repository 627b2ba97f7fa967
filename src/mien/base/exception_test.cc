// SPDX-License-Identifier: Apache-2.0
#include "mien/base/exception.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <new>
#include <system_error>

namespace mien {
namespace {

Error caught(const std::function<void()>& body) {
  try {
    body();
  } catch (...) {
    return current_error();
  }
  return Error(ErrorKind::failed, "no error");
}

TEST(CurrentError, OursStaysAsItIs) {
  const Error error = caught([] { throw Error(ErrorKind::missing, "a.jpg: no such file.", "Check the path."); });
  EXPECT_EQ(error.kind(), ErrorKind::missing);
  EXPECT_EQ(error.message(), "a.jpg: no such file.");
  EXPECT_EQ(error.remedy(), "Check the path.");
}

TEST(CurrentError, AFileSystemErrorNamesItsPathAndTheReason) {
  const auto denied = std::make_error_code(std::errc::permission_denied);
  const Error error = caught([&] { throw std::filesystem::filesystem_error("status", "/closed/a", denied); });
  EXPECT_EQ(error.message(), "/closed/a: not usable (Permission denied).");
  const Error here = caught([&] { throw std::filesystem::filesystem_error("current_path", denied); });
  EXPECT_EQ(here.message(), "The working folder is not usable (Permission denied).");
}

TEST(CurrentError, AnythingElseBecomesASentence) {
  EXPECT_EQ(caught([] { throw std::bad_alloc(); }).message(), "Out of memory.");
  EXPECT_EQ(caught([] { throw std::runtime_error("broken"); }).message(), "broken");
  EXPECT_EQ(caught([] { throw 7; }).message(), "A library failed without a message.");
}

}  // namespace
}  // namespace mien
