// SPDX-License-Identifier: Apache-2.0
#include "mien/base/stand_in.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien {
namespace {

constexpr std::size_t kLooked = 1024;
constexpr std::string_view kPointer = "a Git LFS pointer", kPage = "a web page";

/// The value of "size N" in a pointer (git-lfs specification: lines "key value"), empty if there is none.
std::string size_line(std::string_view pointer) {
  for (const auto& line : lines_of(pointer))
    if (line.starts_with("size ")) return line.substr(5);
  return {};
}

}  // namespace

std::string_view stand_in_kind(std::string_view content) {
  const std::string_view head = content.substr(0, kLooked);
  if (head.starts_with("version https://git-lfs.github.com/spec/")) return kPointer;
  const std::string start = lower(trim(head).substr(0, 14));
  return start.starts_with("<!doctype html") || start.starts_with("<html") ? kPage : std::string_view();
}

void refuse_stand_in(std::string_view content, const std::string& origin) {
  const std::string_view kind = stand_in_kind(content);
  if (kind.empty()) return;
  const auto size = kind == kPointer ? parse_int(size_line(content.substr(0, kLooked))) : std::nullopt;
  fail_input(fmt::format("{}: {} of {} bytes, not the file itself{}.", origin, kind, content.size(),
                         size ? fmt::format(" ({} bytes)", *size) : ""),
             kind == kPointer ? "Get the file with 'git lfs pull' in its repository, or download it from its page."
                              : "The download returned a web page (a login, a warning, an error). Open the link in a "
                                "browser and download the file there.");
}

}  // namespace mien
