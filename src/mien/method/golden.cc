// SPDX-License-Identifier: Apache-2.0
#include "mien/method/golden.h"

#include <algorithm>
#include <limits>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::method {
namespace {

bool is_input(const std::string& name) {
  return name.starts_with("input") || name.starts_with("labels") || name == "landmarks";
}

double relative_error(const at::Tensor& value, const at::Tensor& reference) {
  const at::Tensor a = value.detach().to(at::kDouble), b = reference.to(at::kDouble);
  const double difference = (a - b).norm().item<double>(), size = b.norm().item<double>();
  if (!(difference == difference)) return std::numeric_limits<double>::infinity();
  return size > 0 ? difference / size : difference;
}

}  // namespace

bool GoldenReport::passed() const {
  return unanswered.empty() && !rows.empty() &&
         std::all_of(rows.begin(), rows.end(), [](const auto& r) { return r.passed(); });
}

GoldenReport compare_golden(const nn::TensorFile& golden, const GoldenRun& run) {
  GoldenReport report;
  for (const auto& [name, reference] : golden.tensors) {
    if (is_input(name)) continue;
    const auto found = std::find_if(run.begin(), run.end(), [&, n = name](const auto& r) { return r.first == n; });
    if (found == run.end()) {
      report.unanswered.push_back(name);
      continue;
    }
    check_input(found->second.sizes() == reference.sizes(),
                text(golden.origin, ": ", name, " has shape ", reference.sizes(), ", this build gives ",
                     found->second.sizes(), "."));
    report.rows.push_back(
        {name, relative_error(found->second, reference), name.find("grad") != std::string::npos ? 1e-3 : 1e-4});
  }
  std::stable_sort(report.rows.begin(), report.rows.end(), [](const auto& a, const auto& b) {
    return a.relative_error / a.tolerance > b.relative_error / b.tolerance;
  });
  return report;
}

}  // namespace mien::method
