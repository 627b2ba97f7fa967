// SPDX-License-Identifier: Apache-2.0
#include "mien/method/losses.h"

#include "mien/base/error.h"

namespace mien::method {

at::Tensor total(const Losses& losses) {
  check_input(!losses.empty(), "A turn returned no loss term.");
  at::Tensor sum;
  for (const auto& term : losses) {
    if (term.weight == 0) continue;
    const at::Tensor weighted = term.weight == 1 ? term.value : term.value * term.weight;
    sum = sum.defined() ? sum + weighted : weighted;
  }
  check_input(sum.defined(), "All loss terms of a turn have weight 0.");
  return sum;
}

}  // namespace mien::method
