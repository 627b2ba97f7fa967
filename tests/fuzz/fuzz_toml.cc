// SPDX-License-Identifier: Apache-2.0
// Configurations: accepted ones can be written and read again with the same values.
#include <cstdint>
#include <cstdlib>

#include "mien/base/error.h"
#include "mien/base/toml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mien;
  Json value;
  try {
    value = parse_toml({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
  } catch (const Error&) {
    return 0;
  }
  if (parse_toml(to_toml(value), "again.toml") != value && compact(value).find("null") == std::string::npos)
    std::abort();
  return 0;
}
