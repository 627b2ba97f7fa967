// SPDX-License-Identifier: Apache-2.0
#include "mien/method/import.h"

#include <algorithm>
#include <cmath>
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
    "num_batches_tracked";  // PyTorch before 0.4.1 did not save it, and only counts with it

std::string shape_of(const at::Tensor& t) { return weights::describe_shape(t.sizes().vec()); }

bool starts_with_any(const std::string& key, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& p) { return key.starts_with(p); });
}

/// "module." where every key starts with it, and neither the network nor a rule knows it; empty else.
std::string wrapper_of(const nn::NamedTensors& theirs, const ImportRules& rules, const std::vector<std::string>& ours) {
  if (theirs.empty()) return {};
  const auto dot = theirs.front().first.find('.');
  if (dot == std::string::npos) return {};
  const std::string prefix = theirs.front().first.substr(0, dot + 1);
  for (const auto& [key, value] : theirs)
    if (!key.starts_with(prefix)) return {};
  for (const auto& key : ours)
    if (key.starts_with(prefix)) return {};
  for (const auto& [from, to] : rules.keys.prefixes)
    if (from.starts_with(prefix)) return {};
  return prefix;
}

void count_line(std::string& message, const char* what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  message += text(message.empty() ? "" : ", ", names.size(), " ", what, " (", names.front(),
                  names.size() > 1 ? ", ..." : "", ")");
}

void rows_of(std::vector<std::string>& lines, const char* kind, const std::vector<std::string>& names,
             std::size_t most) {
  std::string label = kind;
  label.resize(14, ' ');
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) lines.push_back("  " + label + names[i]);
  if (names.size() > most) lines.push_back(text("  ", label, "... and ", names.size() - most, " more"));
}

}  // namespace

nn::NamedTensors to_our_names(const ImportRules& rules, const torch::nn::Module& network,
                              const nn::NamedTensors& theirs, const std::string& origin) {
  std::vector<std::string> ours;
  for (const auto& [key, value] : nn::state_of(network)) ours.push_back(key);
  nn::NamedTensors out = theirs;
  for (std::string prefix = wrapper_of(out, rules, ours); !prefix.empty(); prefix = wrapper_of(out, rules, ours))
    for (auto& [key, value] : out) key = key.substr(prefix.size());
  out = without_twins(out, rules.twins, origin);
  return rules.keys.apply(out);
}

nn::NamedTensors brought_to_shape(const ImportRules& rules, const torch::nn::Module& network, nn::NamedTensors weights,
                                  std::vector<std::string>& notes) {
  if (rules.reshaped.empty() && rules.position_grids.empty()) return weights;
  const auto state = nn::state_of(network);
  const std::map<std::string, at::Tensor> ours(state.begin(), state.end());
  const auto note = [&](const std::string& key, const at::Tensor& before, const char* verb, const at::Tensor& after) {
    notes.push_back(text(key, ": ", shape_of(before), " in the file, ", verb, " to ", shape_of(after)));
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
      report.mismatched.push_back(text(key, ": ", shape_of(value), " in the file, ", shape_of(tensor), " here"));
    else if (value.is_complex())
      report.mismatched.push_back(key + ": complex numbers in the file, real ones here");
    else {
      if (value.scalar_type() != tensor.scalar_type())
        report.converted.push_back(
            text(key, ": ", toString(value.scalar_type()), " in the file, ", toString(tensor.scalar_type()), " here"));
      at::Tensor(tensor).copy_(value);
      ++report.loaded;
    }
    available.erase(found);
  }
  for (const auto& [key, value] : weights)
    if (available.contains(key)) report.unexpected.push_back(text(key, " ", shape_of(value)));
  return report;
}

ImportReport import_weights(Method& method, const nn::WeightsFile& file) {
  const ImportRules rules = method.import_rules();
  nn::NamedTensors network, extra = method.extra_state();
  const torch::NoGradGuard no_grad;
  for (auto& [key, value] : to_our_names(rules, method.network(), file.file.tensors, file.file.origin)) {
    const auto found = std::find_if(extra.begin(), extra.end(), [&, k = key](const auto& e) { return e.first == k; });
    if (found == extra.end()) {
      network.emplace_back(key, value);
    } else if (found->second.sizes() == value.sizes()) {
      nn::require_finite({{key, value}}, file.file.origin);
      found->second.copy_(value);
    }
  }
  std::vector<std::string> notes;
  network = brought_to_shape(rules, method.network(), std::move(network), notes);
  ImportReport report = load_what_fits(method.network(), network, rules.optional, file.file.origin);
  report.converted.insert(report.converted.begin(), notes.begin(), notes.end());
  report.origin = file.file.origin;
  report.format = file.format;
  report.entry = file.entry;
  report.others = file.others;
  return report;
}

void require_complete(const ImportReport& report, const std::string& what) {
  if (report.complete()) return;
  std::string counts;
  count_line(counts, "missing", report.missing);
  count_line(counts, "unexpected", report.unexpected);
  count_line(counts, "of another shape", report.mismatched);
  fail_input(text(report.origin, ": the weights do not fit ", what, ": ", counts, "."),
             "Check method, classes and the configuration (heads, width) against the file's, or load what fits with "
             "--lenient.");
}

void load_backbone(torch::nn::Module& backbone, const std::string& path, const nn::RenameRules& names) {
  const auto file = nn::read_weights(path, {"state_dict", "model_state_dict", "model"});
  ImportRules rules;
  rules.keys = names;
  auto report = load_what_fits(backbone, to_our_names(rules, backbone, file.file.tensors), {}, path);
  report.origin = path;
  require_complete(report, "the backbone (init.backbone)");
}

std::vector<std::string> describe(const ImportReport& r, std::size_t rows) {
  std::vector<std::string> lines;
  std::string head = text(r.origin, ": ", r.format, r.entry.empty() ? "" : text(", entry ", r.entry), ": ", r.loaded,
                          " of ", r.in_network, " entries loaded");
  head += text(", ", r.missing.size(), " missing, ", r.unexpected.size(), " unexpected, ", r.mismatched.size(),
               " of another shape");
  if (!r.excused.empty()) head += text(", ", r.excused.size(), " that may be missing");
  if (!r.converted.empty()) head += text(", ", r.converted.size(), " converted (", r.converted.front(), ")");
  lines.push_back(head);
  rows_of(lines, "missing", r.missing, rows);
  rows_of(lines, "unexpected", r.unexpected, rows);
  rows_of(lines, "other shape", r.mismatched, rows);
  rows_of(lines, "no tensor", r.others, rows);
  return lines;
}

Json to_json(const ImportReport& r) {
  return {{"file", r.origin},           {"format", r.format},         {"entry", r.entry},
          {"entries", r.in_network},    {"loaded", r.loaded},         {"missing", r.missing},
          {"unexpected", r.unexpected}, {"mismatched", r.mismatched}, {"excused", r.excused},
          {"converted", r.converted},   {"others", r.others},         {"complete", r.complete()}};
}

}  // namespace mien::method
