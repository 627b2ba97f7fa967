// SPDX-License-Identifier: Apache-2.0
#include "mien/base/stand_in.h"

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien {
namespace {

constexpr std::size_t kLooked = 1024;

/// The value of "size N" in a pointer (git-lfs specification: lines "key value"), empty where it has none.
std::string size_line(std::string_view pointer) {
  for (const auto& line : lines_of(pointer))
    if (line.starts_with("size ")) return line.substr(5);
  return {};
}

}  // namespace

void refuse_stand_in(std::string_view content, const std::string& origin) {
  const std::string_view head = content.substr(0, kLooked);
  if (head.starts_with("version https://git-lfs.github.com/spec/")) {
    const auto size = parse_int(size_line(head));
    fail_input(text(origin, ": a Git LFS pointer of ", content.size(), " bytes, not the file itself", size ? text(" (", *size, " bytes)") : "", "."),
               "Fetch the file: 'git lfs pull' in its repository, or download it from its page.");
  }
  const std::string start = lower(trim(head).substr(0, 14));
  if (start.starts_with("<!doctype html") || start.starts_with("<html"))
    fail_input(text(origin, ": a web page of ", content.size(), " bytes, not the file itself."),
               "The download gave a page (a login, a warning, an error): open it in a browser and fetch the file from there.");
}

}  // namespace mien
