// SPDX-License-Identifier: Apache-2.0
// Both programs end with a message on a processor that is too old, before the first initialiser of any library.
#include <unistd.h>

#include <cstring>

#include "mien/base/processor.h"

namespace {

void write_text(const char* text) {
  if (::write(STDERR_FILENO, text, std::strlen(text)) < 0) return;  // the message cannot be shown
}

__attribute__((no_sanitize("address", "undefined"))) void check_processor() {
  const char* missing = mien::missing_instruction_sets();
  if (!missing) return;
  write_text("mien: This processor lacks ");
  write_text(missing);
  write_text(". ");
  write_text(mien::kOlderProcessorRemedy);
  write_text("\n");
  ::_exit(1);
}

/// Called by the loader before the initialisers of the shared libraries.
__attribute__((section(".preinit_array"), used)) void (*const preinit)() = check_processor;

}  // namespace
