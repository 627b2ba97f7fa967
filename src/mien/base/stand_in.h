// SPDX-License-Identifier: Apache-2.0
// Files found in place of the expected one: a Git LFS pointer after a clone without LFS, or a web page that was
// downloaded instead of the file. Every mapped file (base/file.h) is checked.
#pragma once

#include <string>
#include <string_view>

namespace mien {

/// The kind of stand-in that `content` (a file, or its first kilobyte) is: "a Git LFS pointer" or "a web page";
/// empty if it is neither.
std::string_view stand_in_kind(std::string_view content);

/// Throws bad_input if `content` (a file, or its first kilobyte) is a stand-in; the message says how to get the file.
void refuse_stand_in(std::string_view content, const std::string& origin);

}  // namespace mien
