// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/state.h"

#include <fmt/core.h>

#include <cmath>
#include <map>
#include <set>

#include "mien/base/error.h"
#include "mien/base/hash.h"
#include "mien/base/random.h"
#include "mien/base/text.h"
#include "mien/nn/shape_text.h"

namespace mien::nn {
namespace {

void collect(const torch::nn::Module& module, const std::string& prefix, NamedTensors& out) {
  for (const auto& p : module.named_parameters(/*recurse=*/false))
    if (p.value().defined()) out.emplace_back(prefix + p.key(), p.value());
  for (const auto& b : module.named_buffers(/*recurse=*/false))
    if (b.value().defined()) out.emplace_back(prefix + b.key(), b.value());
  for (const auto& child : module.named_children()) collect(*child.value(), prefix + child.key() + ".", out);
}

std::string first_of(const std::vector<std::string>& names) {
  std::vector<std::string> shown(names.begin(),
                                 names.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(names.size(), 3)));
  return join(shown, ", ") + (names.size() > 3 ? fmt::format(" and {} more", names.size() - 3) : "");
}

/// u in [0,1), 24 bits, as float32.
at::Tensor formula_stream(const std::string& salt, const std::string& key, at::IntArrayRef shape) {
  at::Tensor out = at::empty(shape, at::kFloat);
  float* values = out.mutable_data_ptr<float>();
  Random random(fnv1a64(salt + ":" + key));
  for (std::int64_t i = 0; i < out.numel(); ++i) values[i] = static_cast<float>(random.next() >> 40) / 16777216.0f;
  return out;
}

/// The key with every occurrence of `theirs` replaced.
std::string exchanged(std::string key, const std::string& theirs, const std::string& ours) {
  for (auto at = key.find(theirs); at != std::string::npos; at = key.find(theirs, at + ours.size()))
    key.replace(at, theirs.size(), ours);
  return key;
}

}  // namespace

NamedTensors state_of(const torch::nn::Module& module) {
  NamedTensors out;
  collect(module, "", out);
  return out;
}

LoadReport load_state(torch::nn::Module& module, const NamedTensors& source, const std::string& origin, bool strict) {
  LoadReport report;
  std::map<std::string, at::Tensor> available(source.begin(), source.end());
  NamedTensors pairs;  // destination by key, to copy once the report is complete
  for (const auto& [key, tensor] : state_of(module)) {
    const auto found = available.find(key);
    if (found == available.end()) {
      report.missing.push_back(key);
      continue;
    }
    if (found->second.sizes() == tensor.sizes())
      pairs.emplace_back(key, tensor);
    else
      report.mismatched.push_back(fmt::format("{}: {} in the file, {} here", key, shape_text(found->second.sizes()),
                                              shape_text(tensor.sizes())));
  }
  std::set<std::string> known;
  for (const auto& [key, tensor] : state_of(module)) known.insert(key);
  for (const auto& [key, tensor] : source)
    if (!known.count(key)) report.unexpected.push_back(key);
  if (strict && !report.complete()) {
    std::string message = origin + ": the weights do not fit this network:";
    if (!report.missing.empty())
      message += fmt::format(" {} missing ({})", report.missing.size(), first_of(report.missing));
    if (!report.unexpected.empty())
      message += fmt::format(" {} unexpected ({})", report.unexpected.size(), first_of(report.unexpected));
    if (!report.mismatched.empty())
      message += fmt::format(" {} of another shape ({})", report.mismatched.size(), first_of(report.mismatched));
    fail_input(message + ".", "Check that method, width, heads and classes match the file.");
  }
  const torch::NoGradGuard no_grad;
  for (auto& [key, tensor] : pairs) tensor.copy_(available.at(key));
  return report;
}

at::Tensor formula_tensor(const std::string& salt, const std::string& key, at::IntArrayRef shape, at::ScalarType type) {
  const std::string last = key.substr(key.rfind('.') == std::string::npos ? 0 : key.rfind('.') + 1);
  if (last == "num_batches_tracked") return at::zeros(shape, type);
  const at::Tensor u = formula_stream(salt, key, shape);
  if (last == "running_var") return u + 0.5f;
  if (last == "running_mean") return (u - 0.5f) * 0.2f;
  if (shape.size() == 1 && last == "weight") return u + 0.5f;
  if (shape.size() == 1 && last == "bias") return (u - 0.5f) * 0.2f;
  if (shape.size() >= 2) {
    const double fan_in = static_cast<double>(u.numel()) / static_cast<double>(shape[0]);
    return (u * 2.0f - 1.0f) * static_cast<float>(std::sqrt(3.0 / fan_in));
  }
  return u * 2.0f - 1.0f;
}

at::Tensor formula_input(const std::string& salt, const std::string& key, at::IntArrayRef shape) {
  return formula_stream(salt, key, shape) * 2.0f - 1.0f;
}

void fill_by_formula(torch::nn::Module& module, const std::string& salt) {
  const torch::NoGradGuard no_grad;
  for (auto& [key, tensor] : state_of(module))
    tensor.copy_(formula_tensor(salt, key, tensor.sizes(), tensor.scalar_type()));
}

NamedTensors RenameRules::apply(const NamedTensors& source) const {
  NamedTensors out;
  if (prefixes.empty()) out = source;
  for (const auto& [key, value] : source)
    for (const auto& [theirs, ours] : prefixes)
      if (key.starts_with(theirs)) {
        out.emplace_back(ours + key.substr(theirs.size()), value);
        break;
      }
  for (auto& [key, value] : out)
    for (const auto& [theirs, ours] : infixes) key = exchanged(std::move(key), theirs, ours);
  return out;
}

std::int64_t count_parameters(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& p : module.parameters()) count += p.numel();
  return count;
}

}  // namespace mien::nn
