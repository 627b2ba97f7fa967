// SPDX-License-Identifier: Apache-2.0
// The vector instructions of this processor, determined once at run time.
#pragma once

#include <string_view>
#include <vector>

namespace mien::kernels {

enum class InstructionSet { scalar, avx2, avx512 };

/// "scalar", "avx2", "avx512".
std::string_view to_string(InstructionSet set);

/// Instruction sets that this program was built with and this processor has, narrowest first; always includes `scalar`.
const std::vector<InstructionSet>& instruction_sets();

/// The widest of instruction_sets().
InstructionSet widest_instruction_set();

}  // namespace mien::kernels
