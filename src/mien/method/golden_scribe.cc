// SPDX-License-Identifier: Apache-2.0
#include "mien/method/golden_scribe.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/nn/finite.h"
#include "mien/nn/shape_text.h"

namespace mien::method {

bool GoldenReport::passed() const {
  return unanswered.empty() && absent.empty() && !rows.empty() &&
         std::all_of(rows.begin(), rows.end(), [](const GoldenRow& row) { return row.passed(); });
}

GoldenScribe::GoldenScribe(nn::TensorFile file) : file_(std::move(file)) {}

double GoldenScribe::number(const std::string& key) const {
  const auto value = parse_double(text(key));
  check_input(value.has_value(), fmt::format("{}: metadata {} is not a number.", file_.origin, quote(key)));
  return *value;
}

std::string GoldenScribe::text(const std::string& key) const {
  const auto found = file_.metadata.find(key);
  check_input(found != file_.metadata.end(),
              fmt::format("{}: the metadata has no entry {}.", file_.origin, quote(key)));
  return found->second;
}

const at::Tensor& GoldenScribe::input(const std::string& name) {
  inputs_.insert(name);
  return file_.at(name);
}

std::vector<std::string> GoldenScribe::names(const std::string& prefix) const {
  std::vector<std::string> found;
  for (const auto& [name, value] : file_.tensors)
    if (name.starts_with(prefix)) found.push_back(name);
  return found;
}

void GoldenScribe::output(const std::string& name, const at::Tensor& value, double tolerance) {
  if (!file_.has(name)) {
    absent_.push_back(name);
    return;
  }
  const at::Tensor& reference = file_.at(name);
  check_input(value.sizes() == reference.sizes(),
              fmt::format("{}: {} has shape {}, but this build computes {}.", file_.origin, name,
                          nn::shape_text(reference.sizes()), nn::shape_text(value.sizes())));
  rows_.push_back({name, nn::relative_error(value, reference), tolerance});
}

void GoldenScribe::gradient(const std::string& name, const at::Tensor& value, double tolerance) {
  if (file_.has(name)) output(name, value, tolerance);
}

void GoldenScribe::losses(const std::string& prefix, const Losses& losses) {
  for (const auto& term : losses) output(prefix + "." + term.name, term.value);
  output(prefix + ".total", total(losses));
}

void GoldenScribe::gradients(const std::string& prefix, const torch::nn::Module& module) {
  for (const auto& parameter : module.named_parameters())
    if (parameter.value().grad().defined()) gradient(prefix + "." + parameter.key(), parameter.value().grad());
}

GoldenReport GoldenScribe::report() const {
  GoldenReport report{rows_, {}, absent_};
  std::set<std::string> answered = inputs_;
  for (const auto& row : rows_) answered.insert(row.name);
  for (const auto& [name, value] : file_.tensors)
    if (!answered.contains(name)) report.unanswered.push_back(name);
  std::stable_sort(report.rows.begin(), report.rows.end(), [](const GoldenRow& a, const GoldenRow& b) {
    return a.relative_error / a.tolerance > b.relative_error / b.tolerance;
  });
  return report;
}

}  // namespace mien::method
