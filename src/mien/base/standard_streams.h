// SPDX-License-Identifier: Apache-2.0
// Standard input and output of a program: never another file by accident, never a result lost in silence.
#pragma once

#include <optional>
#include <string>

namespace mien {

/// Exit code where the reader of stdout went away, as the shell reports a process that SIGPIPE ended.
inline constexpr int kClosedPipeCode = 141;

/// Call it first. A standard stream that is closed is opened without the right to use it: the next file would get its
/// number, and output meant for the terminal would land in that file. From here on std::cout throws
/// std::ios_base::failure as soon as something cannot be written, and a closed pipe is no signal any more.
void prepare_standard_streams();

/// After such a failure: "The output cannot be written (No space left on device)."; nothing where the reader has closed
/// the pipe, which is no fault. std::cout throws no longer.
std::optional<std::string> output_failure();

}  // namespace mien
