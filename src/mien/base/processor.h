// SPDX-License-Identifier: Apache-2.0
// What the networks' libraries need of the processor, asked before any of them runs.
#pragma once

namespace mien {

/// "SSSE3 and SSE4.1" or "SSE4.1": those of the two that this processor lacks; nullptr where it has both, and on other
/// architectures than x86. Allocates nothing and needs no initialisation: it may be called before main and before the
/// initialisers of libraries.
const char* missing_instruction_sets() noexcept;

/// How to go on, behind the sentence that names what is missing.
inline constexpr const char* kOlderProcessorRemedy =
    "OpenVINO and LibTorch need it. Use a processor made after 2007, or let the virtual machine pass its host's "
    "through. "
    "For an older one build OpenVINO from source with -DENABLE_SSE42=OFF, and mien with -DOpenVINO_DIR=DIR "
    "-DMIEN_OLD_PROCESSOR=ON.";

/// Throws failed where an instruction set is missing.
void require_processor();

}  // namespace mien
