// SPDX-License-Identifier: Apache-2.0
// Standard input and output of a program: never replaced by another file by accident; no result is lost silently.
#pragma once

#include <optional>
#include <string>

namespace mien {

/// Exit code if the reader of stdout closed it, as the shell reports a process that SIGPIPE ended.
inline constexpr int kClosedPipeCode = 141;

/// Call this first. Opens a closed standard stream without the right to use it: otherwise the next file would get its
/// number, and output meant for the terminal would go to that file. From then on std::cout throws
/// std::ios_base::failure as soon as a write fails, and a closed pipe no longer raises a signal.
void prepare_standard_streams();

/// After such a failure: "The output cannot be written (No space left on device)."; nothing if the reader has closed
/// the pipe, which is not an error. std::cout no longer throws.
std::optional<std::string> output_failure();

}  // namespace mien
