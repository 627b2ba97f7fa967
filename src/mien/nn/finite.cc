// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/finite.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::nn {

double relative_error(const at::Tensor& value, const at::Tensor& reference) {
  const at::Tensor a = value.detach().to(at::kDouble), b = reference.detach().to(at::kDouble);
  const double difference = (a - b).norm().item<double>(), size = b.norm().item<double>();
  if (!std::isfinite(difference) || !std::isfinite(size)) return std::numeric_limits<double>::infinity();
  return size > 0 ? difference / size : difference;
}

void require_finite(const NamedTensors& tensors, const std::string& origin) {
  std::vector<std::string> wrong;
  for (const auto& [key, tensor] : tensors) {
    // Eight-bit floating point has no finiteness test.
    const at::Tensor values = tensor.is_floating_point() ? tensor.to(at::kDouble) : tensor;
    const std::int64_t count = values.numel() - values.isfinite().sum().item<std::int64_t>();
    if (count > 0) wrong.push_back(fmt::format("{} ({} of {})", key, count, tensor.numel()));
  }
  if (wrong.empty()) return;
  const std::size_t num_named = std::min<std::size_t>(wrong.size(), 3);
  std::string named = join({wrong.begin(), wrong.begin() + static_cast<std::ptrdiff_t>(num_named)}, ", ");
  if (wrong.size() > num_named) named += fmt::format(" and {} more", wrong.size() - num_named);
  fail_input(fmt::format("{}: weights that are not finite numbers (NaN or infinity): {}.", origin, named),
             "The training diverged, or the file is damaged: use an earlier checkpoint.");
}

}  // namespace mien::nn
