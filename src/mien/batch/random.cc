// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/random.h"

namespace mien::batch {

at::Tensor uniform(std::int64_t n, double lowest, double highest, at::Generator& generator) {
  return at::rand({n}, generator, at::TensorOptions().dtype(at::kFloat)) * (highest - lowest) + lowest;
}

at::Tensor chance(std::int64_t n, double probability, at::Generator& generator) {
  return at::rand({n}, generator, at::TensorOptions().dtype(at::kFloat)) < probability;
}

}  // namespace mien::batch
