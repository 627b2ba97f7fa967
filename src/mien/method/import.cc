// SPDX-License-Identifier: Apache-2.0
#include "mien/method/import.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/method/twins.h"
#include "mien/nn/finite.h"
#include "mien/nn/position_embedding.h"

namespace mien::method {
namespace {

constexpr const char* kCounter =
    "num_batches_tracked";  // PyTorch before 0.4.1 did not save it, and it is only a counter

std::string shape_of(const at::Tensor& t) { return weights::describe_shape(t.sizes().vec()); }

bool starts_with_any(const std::string& key, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& p) { return key.starts_with(p); });
}

/// Parts that wrappers of PyTorch and its trainers put into keys.
constexpr std::string_view kWrappers[] = {"module", "_orig_mod", "_forward_module", "_fsdp_wrapped_module",
                                          "_checkpoint_wrapped_module"};

/// The key without `part`, which ends in a dot, in any position between dots.
std::string without_part(std::string key, std::string_view part) {
  for (std::size_t at = key.find(part); at != std::string::npos; at = key.find(part, at)) {
    if (at == 0 || key[at - 1] == '.')
      key.erase(at, part.size());
    else
      at += part.size();
  }
  return key;
}

/// Whether the network has a key with this part, or a rule that does more than remove it.
class KnownParts {
 public:
  KnownParts(const ImportRules& rules, const torch::nn::Module& network) {
    for (const auto& [key, value] : nn::state_of(network)) keys_.push_back(key);
    for (const auto& [from, to] : rules.keys.prefixes)
      if (!to.empty()) keys_.push_back(from);
  }
  bool has(std::string_view part) const {
    return std::any_of(keys_.begin(), keys_.end(), [&](const auto& key) { return without_part(key, part) != key; });
  }

 private:
  std::vector<std::string> keys_;
};

nn::NamedTensors renamed(const nn::NamedTensors& theirs, const std::function<std::string(const std::string&)>& rename) {
  nn::NamedTensors out;
  for (const auto& [key, value] : theirs) out.emplace_back(rename(key), value);
  return out;
}

std::string without_start(const std::string& key, const std::string& start) {
  return key.starts_with(start) ? key.substr(start.size()) : key;
}

/// How many entries of the network are filled.
std::size_t count_fitting(const ImportRules& rules, const nn::NamedTensors& ours, const nn::NamedTensors& theirs) {
  const auto named = rules.keys.apply(theirs);
  std::map<std::string, at::Tensor> available(named.begin(), named.end());
  return static_cast<std::size_t>(std::count_if(ours.begin(), ours.end(), [&](const auto& entry) {
    const auto found = available.find(entry.first);
    return found != available.end() && found->second.sizes() == entry.second.sizes();
  }));
}

/// First part of a key, "model.", without which more keys fit; empty if there is none.
std::string best_prefix(const ImportRules& rules, const nn::NamedTensors& ours, const nn::NamedTensors& theirs) {
  std::set<std::string> starts;
  for (const auto& [key, value] : theirs)
    if (const auto dot = key.find('.'); dot != std::string::npos) starts.insert(key.substr(0, dot + 1));
  constexpr std::size_t kTried = 100;
  if (starts.size() > kTried) return {};
  std::size_t most = count_fitting(rules, ours, theirs);
  std::string best;
  for (const auto& start : starts) {
    const auto stripped = renamed(theirs, [&](const std::string& key) { return without_start(key, start); });
    const std::size_t count = count_fitting(rules, ours, stripped);
    if (count > most) best = start;
    most = std::max(most, count);
  }
  return best;
}

/// The first part that all keys have; empty if they differ.
std::string shared_start(const nn::NamedTensors& keys) {
  if (keys.empty()) return {};
  const auto dot = keys.front().first.find('.');
  if (dot == std::string::npos) return {};
  const std::string start = keys.front().first.substr(0, dot + 1);
  const bool is_shared =
      std::all_of(keys.begin(), keys.end(), [&](const auto& k) { return k.first.starts_with(start); });
  return is_shared ? start : std::string();
}

nn::NamedTensors unwrapped(const ImportRules& rules, const torch::nn::Module& network, nn::NamedTensors keys,
                           const std::vector<std::string>& strip, const std::string& origin) {
  for (const auto& word : strip) {
    const std::string part = word.ends_with('.') ? word : word + ".";
    const auto stripped = renamed(keys, [&](const std::string& key) { return without_part(key, part); });
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
    if (std::equal(keys.begin(), keys.end(), stripped.begin(), stripped.end(), same))
      fail_usage(fmt::format("{}: no key contains the part {}; the first is {}.", origin, quote(part),
                             quote(keys.empty() ? std::string() : keys.front().first)),
                 "Remove --strip, or give a part that the keys contain.");
    keys = stripped;
  }
  const KnownParts known(rules, network);
  for (const auto wrapper : kWrappers) {
    const std::string part = std::string(wrapper) + ".";
    if (!known.has(part)) keys = renamed(keys, [&](const std::string& key) { return without_part(key, part); });
  }
  for (std::string start = shared_start(keys); !start.empty() && !known.has(start); start = shared_start(keys))
    keys = renamed(keys, [&](const std::string& key) { return without_start(key, start); });
  const auto ours = nn::state_of(network);
  for (std::string prefix = best_prefix(rules, ours, keys); !prefix.empty(); prefix = best_prefix(rules, ours, keys))
    keys = renamed(keys, [&](const std::string& key) { return without_start(key, prefix); });
  return keys;
}

/// Rules name the separately stored pieces of a tensor "qkv.[0].weight", "qkv.[1].weight", ...: joined
/// along the first axis to "qkv.weight", at the position of the first piece.
nn::NamedTensors joined_pieces(const nn::NamedTensors& named, const std::string& origin) {
  std::map<std::string, std::map<std::string, at::Tensor>> pieces;
  nn::NamedTensors out;
  for (const auto& [key, value] : named) {
    const auto begin = key.find(".["), end = key.find("].", begin == std::string::npos ? 0 : begin);
    if (begin == std::string::npos || end == std::string::npos) {
      out.emplace_back(key, value);
      continue;
    }
    const std::string whole = key.substr(0, begin) + key.substr(end + 1);
    if (!pieces.contains(whole)) out.emplace_back(whole, at::Tensor());
    pieces[whole][key.substr(begin + 2, end - begin - 2)] = value;
  }
  for (auto& [key, value] : out) {
    if (value.defined()) continue;
    std::vector<at::Tensor> parts;
    for (const auto& [number, part] : pieces.at(key)) {
      check_input(number == std::to_string(parts.size()),
                  fmt::format("{}: piece {} of {} is missing.", origin, parts.size(), key),
                  "Give the whole file of the network.");
      parts.push_back(part);
    }
    value = at::cat(parts);
  }
  return out;
}

}  // namespace

nn::NamedTensors to_our_names(const ImportRules& rules, const torch::nn::Module& network,
                              const nn::NamedTensors& theirs, const std::string& origin,
                              const std::vector<std::string>& strip) {
  const nn::NamedTensors own = without_twins(unwrapped(rules, network, theirs, strip, origin), rules.twins, origin);
  return joined_pieces(rules.keys.apply(own), origin);
}

nn::NamedTensors brought_to_shape(const ImportRules& rules, const torch::nn::Module& network, nn::NamedTensors weights,
                                  std::vector<std::string>& notes) {
  if (rules.reshaped.empty() && rules.position_grids.empty()) return weights;
  const auto state = nn::state_of(network);
  const std::map<std::string, at::Tensor> ours(state.begin(), state.end());
  const auto note = [&](const std::string& key, const at::Tensor& before, const char* verb, const at::Tensor& after) {
    notes.push_back(fmt::format("{}: {} in the file, {} to {}", key, shape_of(before), verb, shape_of(after)));
  };
  for (auto& [key, value] : weights) {
    const auto found = ours.find(key);
    if (found == ours.end() || found->second.sizes() == value.sizes()) continue;
    const at::Tensor& target = found->second;
    const at::Tensor before = value;
    const bool may_reshape = std::find(rules.reshaped.begin(), rules.reshaped.end(), key) != rules.reshaped.end();
    if (may_reshape && value.numel() == target.numel()) {
      value = value.reshape(target.sizes());
      note(key, before, "viewed", value);
      continue;
    }
    for (const auto& [name, leading] : rules.position_grids) {
      if (name != key || target.dim() != 3 || target.size(1) <= leading) continue;
      const auto cells = static_cast<double>(target.size(1) - leading);
      value = nn::resize_position_embedding(value, leading, std::llround(std::sqrt(cells)));
      note(key, before, "resized", value);
    }
  }
  return weights;
}

weights::FitOf fit_of(const torch::nn::Module& network, const ImportRules& rules,
                      const std::vector<std::string>& strip) {
  return [&network, rules, strip](std::span<const weights::NamedView> views) {
    nn::NamedTensors theirs;
    for (const auto& [name, view] : views)  // shapes only
      theirs.emplace_back(name, at::empty(view.shape, at::TensorOptions().device(at::kMeta)));
    try {
      return count_fitting(rules, nn::state_of(network), unwrapped(rules, network, std::move(theirs), strip, ""));
    } catch (const Error&) {  // the prefix to remove belongs to another dictionary
      return std::size_t{0};
    }
  };
}

weights::FitOf fit_of(Method& method, const std::vector<std::string>& strip) {
  return fit_of(method.network(), method.import_rules(), strip);
}

at::Tensor one_of_equal_rows(const at::Tensor& tensor, const at::Tensor& wanted) {
  if (tensor.dim() != wanted.dim() + 1 || tensor.size(0) == 0) return tensor;
  return tensor.eq(tensor.narrow(0, 0, 1)).all().item<bool>() ? tensor[0] : tensor;
}

ImportReport load_what_fits(torch::nn::Module& network, const nn::NamedTensors& weights,
                            const std::vector<std::string>& optional, const std::string& origin) {
  nn::require_finite(weights, origin);
  ImportReport report;
  const auto ours = nn::state_of(network);
  report.in_network = ours.size();
  std::map<std::string, at::Tensor> available(weights.begin(), weights.end());
  const torch::NoGradGuard no_grad;
  for (const auto& [key, tensor] : ours) {
    const auto found = available.find(key);
    if (found == available.end()) {
      (key.ends_with(kCounter) || starts_with_any(key, optional) ? report.excused : report.missing).push_back(key);
      continue;
    }
    const at::Tensor& value = found->second;
    if (value.sizes() != tensor.sizes())
      report.mismatched.push_back(fmt::format("{}: {} in the file, {} here", key, shape_of(value), shape_of(tensor)));
    else if (value.is_complex())
      report.mismatched.push_back(key + ": complex numbers in the file, real ones here");
    else {
      if (value.scalar_type() != tensor.scalar_type())
        report.converted.push_back(fmt::format("{}: {} in the file, {} here", key, toString(value.scalar_type()),
                                               toString(tensor.scalar_type())));
      at::Tensor(tensor).copy_(value);
      ++report.loaded;
    }
    available.erase(found);
  }
  for (const auto& [key, value] : weights) {
    if (!available.contains(key)) continue;
    if (value.dim() == 0)  // a counter or score stored by a wrapper or script
      report.others.push_back(key + ": a single number");
    else
      report.unexpected.push_back(fmt::format("{} {}", key, shape_of(value)));
  }
  return report;
}

namespace {

/// The file's tensors, and those next to them that the rules name.
nn::NamedTensors with_those_around(const nn::WeightsFile& file, const ImportRules& rules) {
  nn::NamedTensors all = file.file.tensors;
  for (const auto& [name, value] : file.around)
    if (std::find(rules.around.begin(), rules.around.end(), name) != rules.around.end()) all.emplace_back(name, value);
  return all;
}

void reduce_equal_rows(const ImportRules& rules, const torch::nn::Module& network, nn::NamedTensors& weights) {
  for (const auto& [name, wanted] : nn::state_of(network)) {
    if (std::find(rules.around.begin(), rules.around.end(), name) == rules.around.end()) continue;
    for (auto& [key, value] : weights)
      if (key == name) value = one_of_equal_rows(value, wanted);
  }
}

}  // namespace

ImportReport import_weights(Method& method, const nn::WeightsFile& file, const std::vector<std::string>& strip) {
  const ImportRules rules = method.import_rules();
  nn::NamedTensors network, extra = method.extra_state();
  const torch::NoGradGuard no_grad;
  for (auto& [key, value] :
       to_our_names(rules, method.network(), with_those_around(file, rules), file.file.origin, strip)) {
    const auto found = std::find_if(extra.begin(), extra.end(), [&, k = key](const auto& e) { return e.first == k; });
    if (found == extra.end()) {
      network.emplace_back(key, value);
    } else if (found->second.sizes() == value.sizes()) {
      nn::require_finite({{key, value}}, file.file.origin);
      found->second.copy_(value);
    }
  }
  reduce_equal_rows(rules, method.network(), network);
  std::vector<std::string> notes;
  network = brought_to_shape(rules, method.network(), std::move(network), notes);
  ImportReport report = load_what_fits(method.network(), network, rules.optional, file.file.origin);
  report.converted.insert(report.converted.begin(), notes.begin(), notes.end());
  report.origin = file.file.origin;
  report.format = file.format;
  report.entry = file.entry;
  report.others.insert(report.others.begin(), file.others.begin(), file.others.end());
  report.entries = file.entries;
  return report;
}

void load_backbone(torch::nn::Module& backbone, const std::string& path, const nn::RenameRules& names,
                   const std::string& what) {
  ImportRules rules;
  rules.keys = names;
  const auto file =
      nn::read_weights(path, {"state_dict", "model_state_dict", "model"}, {}, {}, fit_of(backbone, rules));
  auto report = load_what_fits(backbone, to_our_names(rules, backbone, file.file.tensors), {}, path);
  report.origin = path;
  require_complete(report, what);
}

}  // namespace mien::method
