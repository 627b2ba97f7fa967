// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

namespace mien::nn {

/// automatic: bfloat16 on CUDA and if the processor has AMX or AVX512-BF16, otherwise float32.
enum class Precision { automatic, float32, bfloat16 };
constexpr auto words_of(Precision) { return std::array{"auto", "float32", "bfloat16"}; }

}  // namespace mien::nn
