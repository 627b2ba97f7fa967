// SPDX-License-Identifier: Apache-2.0
// Processor features that the networks' libraries need, checked before any of them runs.
#pragma once

namespace mien {

/// The missing ones of SSSE3 and SSE4.1: "SSSE3 and SSE4.1" or "SSE4.1"; nullptr if this processor has both, and on
/// other architectures. Allocates nothing and needs no initialisation: it can be called before main and before the
/// initialisers of libraries.
const char* missing_instruction_sets() noexcept;

/// The remedy, to follow the sentence that names what is missing.
inline constexpr const char* kOlderProcessorRemedy =
    "OpenVINO and LibTorch need it. Use a processor made after 2007, or let the virtual machine pass its host's "
    "through. "
    "For an older one build OpenVINO from source with -DENABLE_SSE42=OFF, and mien with -DOpenVINO_DIR=DIR "
    "-DMIEN_OLD_PROCESSOR=ON.";

/// Throws failed if an instruction set is missing.
void require_processor();

}  // namespace mien
