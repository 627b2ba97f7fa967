// SPDX-License-Identifier: Apache-2.0
// Each method's case for the suite in tests/methods, from the registry's table.
#pragma once

#include "mien/methods/registry.h"
#include "support/method_case.h"

namespace mien::methods {

#define MIEN_DECLARE_CASE(folder)    \
  namespace folder {                 \
  testing::MethodCase method_case(); \
  }
MIEN_METHODS(MIEN_DECLARE_CASE)
#undef MIEN_DECLARE_CASE

inline testing::MethodCase case_of(const std::string& name) {
  constexpr testing::MethodCase (*makers[])() = {
#define MIEN_CASE(folder) folder::method_case,
      MIEN_METHODS(MIEN_CASE)
#undef MIEN_CASE
  };
  const auto all = names();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i] == name) return makers[i]();
  return {};
}

}  // namespace mien::methods
