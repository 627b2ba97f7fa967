// SPDX-License-Identifier: Apache-2.0
#include "mien/model/losses.h"

#include "mien/base/error.h"

namespace mien::model {

at::Tensor total(const Losses& losses) {
  check_input(!losses.empty(), "A turn returned no loss term.");
  at::Tensor sum = losses.front().value * losses.front().weight;
  for (std::size_t i = 1; i < losses.size(); ++i) sum = sum + losses[i].value * losses[i].weight;
  return sum;
}

}  // namespace mien::model
