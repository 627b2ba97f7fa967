// SPDX-License-Identifier: Apache-2.0
// Files that stand where another one should be: a Git LFS pointer after a clone without LFS, a web page that a download
// gave instead of the file. Every mapped file (base/file.h) is checked.
#pragma once

#include <string>
#include <string_view>

namespace mien {

/// What `content` (a file, or its first kilobyte) is where it is such a stand-in: "a Git LFS pointer", "a web page";
/// empty else.
std::string_view stand_in_kind(std::string_view content);

/// Throws bad_input where `content` (a file, or its first kilobyte) is such a stand-in, and says how to get the file.
void refuse_stand_in(std::string_view content, const std::string& origin);

}  // namespace mien
