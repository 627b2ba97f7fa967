// SPDX-License-Identifier: Apache-2.0
#include "mien/weights/state_dict.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/weights/pickle_names.h"

namespace mien::weights {
namespace {

using Kind = Value::Kind;
constexpr std::size_t kDeepest = 4;     // containers within containers
constexpr std::size_t kMaxListed = 12;  // entries in a message
constexpr std::size_t
    kLooked = 20'000,
    kTried = 1'000;  // items of a dictionary, dictionaries: a hostile file may refer to one again and again
constexpr const char* kUsual[] = {"model_state_dict", "state_dict", "model_state", "model", "net",
                                  "network",          "module",     "weights",     "params"};

std::size_t count_tensors(const Value& dict) {
  std::size_t count = 0;
  for (std::size_t i = 0; dict.is(Kind::dict) && i + 1 < std::min(dict.items.size(), kLooked); i += 2)
    count += dict.items[i]->is(Kind::text) && dict.items[i + 1]->is(Kind::tensor);
  return count;
}

/// Whether it contains more than counters and scores, which are tensors without dimensions.
bool has_weights(const Value& dict) {
  for (std::size_t i = 0; dict.is(Kind::dict) && i + 1 < std::min(dict.items.size(), kLooked); i += 2)
    if (dict.items[i]->is(Kind::text) && dict.items[i + 1]->is(Kind::tensor) &&
        !dict.items[i + 1]->tensor->shape.empty())
      return true;
  return false;
}

std::string key_text(const Value& key) {
  return key.is(Kind::text)      ? std::string(key.text.substr(0, 100))
         : key.is(Kind::integer) ? std::to_string(key.integer)
                                 : fmt::format("({})", describe(key));
}

std::string describe_entry(const Value& key, const Value& value) {
  const std::size_t tensors = count_tensors(value);
  return fmt::format("{}: {}{}", key_text(key), describe(value), tensors ? fmt::format(" of {} tensors", tensors) : "");
}

std::string list_entries(const Value& dict) {
  std::vector<std::string> entries;
  for (std::size_t i = 0; i + 1 < dict.items.size() && entries.size() < kMaxListed; i += 2)
    entries.push_back(describe_entry(*dict.items[i], *dict.items[i + 1]));
  return join(entries, ", ") +
         (dict.items.size() / 2 > kMaxListed ? fmt::format(" and {} more", dict.items.size() / 2 - kMaxListed) : "");
}

const Value* asked_for(const Value& root, const std::string& entry, const std::string& origin) {
  const Value* at = root.find(entry);  // the whole text may be one key
  if (!at) {
    at = &root;
    for (const auto& key : split(entry, '/')) {
      const Value* next = at->find(key);
      check_input(next != nullptr,
                  fmt::format("{}: no entry {}; the file contains {}.", origin, quote(entry), list_entries(*at)),
                  "Select one of them with --entry.");
      at = next;
    }
  }
  check_input(count_tensors(*at) > 0,
              fmt::format("{}: entry {} is {} without tensors; the file contains {}.", origin, quote(entry),
                          describe(*at), list_entries(root)),
              "Select the dictionary with the weights with --entry.");
  return at;
}

/// One step from a dictionary without tensors towards the weights; nullptr if it is not clear which.
std::pair<const Value*, std::string> next_container(const Value& dict, const std::vector<std::string>& containers) {
  std::vector<std::string> names = containers;
  names.insert(names.end(), std::begin(kUsual), std::end(kUsual));
  for (const auto& name : names)
    if (const Value* found = dict.find(name); found && found->is(Kind::dict) && !found->items.empty())
      return {found, name};
  std::pair<const Value*, std::string> only{nullptr, {}};
  for (std::size_t i = 0; i + 1 < std::min(dict.items.size(), kTried); i += 2) {
    if (!dict.items[i]->is(Kind::text) || !has_weights(*dict.items[i + 1])) continue;
    if (only.first) return {nullptr, {}};
    only = {dict.items[i + 1], std::string(dict.items[i]->text)};
  }
  return only;
}

struct Candidate {
  const Value* dict = nullptr;
  std::string entry;  ///< "" for the file itself, "state_dict/model"
};

/// Every dictionary with weights, from the outside in; each once, though a hostile file may refer to it again and
/// again.
std::vector<Candidate> candidates_in(const Value& root) {
  std::vector<Candidate> found, open = {{&root, ""}};
  std::unordered_set<const Value*> seen = {&root};
  for (std::size_t depth = 0; depth <= kDeepest && !open.empty(); ++depth) {
    std::vector<Candidate> next;
    for (const auto& [dict, entry] : open) {
      if (has_weights(*dict)) found.push_back({dict, entry});
      for (std::size_t i = 0; i + 1 < std::min(dict->items.size(), kLooked); i += 2) {
        const Value &key = *dict->items[i], &value = *dict->items[i + 1];
        const bool is_new =
            key.is(Kind::text) && value.is(Kind::dict) && seen.size() < kTried && seen.insert(&value).second;
        if (is_new) next.push_back({&value, (entry.empty() ? "" : entry + "/") + std::string(key.text.substr(0, 100))});
      }
    }
    open = std::move(next);
  }
  return found;
}

std::vector<NamedView> tensors_of(const Value& dict, std::vector<std::string>* others) {
  std::vector<NamedView> tensors;
  std::unordered_map<std::string_view, std::size_t> seen;  // a key that comes twice: the last one counts, as in Python
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const Value &key = *dict.items[i], &value = *dict.items[i + 1];
    if (!key.is(Kind::text) || !value.is(Kind::tensor)) {
      if (others && others->size() < kMaxListed) others->push_back(describe_entry(key, value));
      continue;
    }
    const auto [found, is_new] = seen.emplace(key.text, tensors.size());
    if (is_new)
      tensors.push_back({std::string(key.text), *value.tensor});
    else
      tensors[found->second].view = *value.tensor;
  }
  return tensors;
}

/// Tensors of the dictionaries that lead to the entry.
std::vector<NamedView> tensors_around(const Value& root, const std::string& entry) {
  std::vector<NamedView> out;
  if (entry.empty()) return out;
  const Value* at = &root;
  const auto keys = root.find(entry) ? std::vector<std::string>{entry} : split(entry, '/');
  for (const auto& key : keys) {
    for (auto& tensor : tensors_of(*at, nullptr)) out.push_back(std::move(tensor));
    at = at->find(key);
    if (!at) break;
  }
  return out;
}

/// Position of the entry's last key among the usual names: the smaller, the likelier it is the network that was
/// trained.
std::size_t rank_of(const std::string& entry, const std::vector<std::string>& names) {
  const auto last = entry.substr(entry.rfind('/') + 1);
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), last) - names.begin());
}

/// The dictionary that fits the network best; nothing if none does.
std::optional<Candidate> best_fit(const std::vector<Candidate>& candidates, const std::vector<std::string>& containers,
                                  const FitOf& fit, const std::string& origin) {
  std::vector<std::string> names = containers;
  names.insert(names.end(), std::begin(kUsual), std::end(kUsual));
  std::vector<Candidate> best;
  std::size_t most = 0;
  for (const auto& candidate : candidates) {
    const std::size_t count = fit(tensors_of(*candidate.dict, nullptr));
    if (count > most) best.clear();
    if (count > 0 && count >= most) best.push_back(candidate);
    most = std::max(most, count);
  }
  if (best.empty()) return std::nullopt;
  std::stable_sort(best.begin(), best.end(), [&](const Candidate& a, const Candidate& b) {
    return rank_of(a.entry, names) < rank_of(b.entry, names);
  });
  const bool is_clear = best.size() == 1 || rank_of(best[0].entry, names) < rank_of(best[1].entry, names);
  std::vector<std::string> entries;
  for (const auto& candidate : best)
    entries.push_back(fmt::format("{}: {} of {} tensors", candidate.entry.empty() ? "the file itself" : candidate.entry,
                                  describe(*candidate.dict), count_tensors(*candidate.dict)));
  check_input(
      is_clear,
      fmt::format("{}: it is not clear which entry contains the weights; the file contains {}, which fit equally well.",
                  origin, join(entries, ", ")),
      "Select one with --entry.");
  return best.front();
}

/// The choice without knowing the network.
Candidate find_by_name(const Value& root, const std::vector<std::string>& containers, const std::string& entry,
                       const std::string& origin) {
  Candidate at{entry.empty() ? &root : asked_for(root, entry, origin), entry};
  for (std::size_t depth = 0; !has_weights(*at.dict); ++depth) {
    const auto [next, name] =
        depth < kDeepest ? next_container(*at.dict, containers) : std::pair<const Value*, std::string>{nullptr, {}};
    check_input(next != nullptr,
                fmt::format("{}: it is not clear which entry contains the weights; the file contains {}.", origin,
                            list_entries(*at.dict)),
                "Select it with --entry.");
    at = {next, at.entry + (at.entry.empty() ? "" : "/") + name};
  }
  return at;
}

}  // namespace

StateDict find_state_dict(const Value& root, const std::vector<std::string>& containers, const std::string& entry,
                          const std::string& origin, const FitOf& fit) {
  if (root.is(Kind::object)) refuse_object(root.text, origin);
  check_input(root.is(Kind::dict),
              fmt::format("{}: contains {}, expected a dictionary of tensors.", origin, describe(root)),
              "Save it with torch.save(model.state_dict(), FILE).");
  const auto candidates = candidates_in(root);
  std::optional<Candidate> chosen;
  if (entry.empty() && fit) chosen = best_fit(candidates, containers, fit, origin);
  if (!chosen) chosen = find_by_name(root, containers, entry, origin);
  StateDict out;
  out.entry = chosen->entry;
  out.tensors = tensors_of(*chosen->dict, &out.others);
  out.around = tensors_around(root, out.entry);
  for (const auto& candidate : candidates)
    if (candidate.dict != chosen->dict && !candidate.entry.empty() && out.entries.size() < kMaxListed)
      out.entries.push_back(candidate.entry);
  return out;
}

}  // namespace mien::weights
