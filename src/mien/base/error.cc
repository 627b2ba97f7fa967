// SPDX-License-Identifier: Apache-2.0
#include "mien/base/error.h"

#include <utility>

namespace mien {
namespace {

std::string sentence(const std::string& message, const std::string& remedy) {
  return remedy.empty() ? message : message + " " + remedy;
}

}  // namespace

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::failed:
      return "failed";
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::bad_input:
      return "bad_input";
    case ErrorKind::missing:
      return "missing";
    case ErrorKind::interrupted:
      return "interrupted";
  }
  return "failed";
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::failed:
      return 1;
    case ErrorKind::usage:
      return 2;
    case ErrorKind::bad_input:
      return 3;
    case ErrorKind::missing:
      return 4;
    case ErrorKind::interrupted:
      return 130;
  }
  return 1;
}

Error::Error(ErrorKind kind, std::string message, std::string remedy, std::source_location where)
    : std::runtime_error(sentence(message, remedy)),
      kind_(kind),
      message_(std::move(message)),
      remedy_(std::move(remedy)),
      where_(where) {}

std::string Error::where() const {
  std::string_view file = where_.file_name();
  if (auto at = file.rfind("mien/"); at != std::string_view::npos) file.remove_prefix(at);
  return std::string(file) + ":" + std::to_string(where_.line());
}

void fail_input(std::string message, std::string remedy, std::source_location where) {
  throw Error(ErrorKind::bad_input, std::move(message), std::move(remedy), where);
}

void fail_usage(std::string message, std::string remedy, std::source_location where) {
  throw Error(ErrorKind::usage, std::move(message), std::move(remedy), where);
}

}  // namespace mien
