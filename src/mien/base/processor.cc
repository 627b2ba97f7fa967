// SPDX-License-Identifier: Apache-2.0
#include "mien/base/processor.h"

#include <fmt/core.h>

#include "mien/base/error.h"

namespace mien {

const char* missing_instruction_sets() noexcept {
#if defined(__x86_64__) && !defined(MIEN_OLD_PROCESSOR)
  __builtin_cpu_init();  // the constructor that does this may not have run
  if (!__builtin_cpu_supports("ssse3")) return "SSSE3 and SSE4.1";
  if (!__builtin_cpu_supports("sse4.1")) return "SSE4.1";
#endif
  return nullptr;
}

void require_processor() {
  if (const char* missing = missing_instruction_sets())
    throw Error(ErrorKind::failed, fmt::format("This processor lacks {}.", missing), kOlderProcessorRemedy);
}

}  // namespace mien
