// SPDX-License-Identifier: Apache-2.0
#include "mien/weights/state_dict.h"

#include <algorithm>
#include <unordered_map>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::weights {
namespace {

using Kind = Value::Kind;
constexpr std::size_t kDeepest = 4;  // containers within containers
constexpr std::size_t kListed = 12;  // entries in a message
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

std::string key_text(const Value& key) {
  return key.is(Kind::text)      ? std::string(key.text.substr(0, 100))
         : key.is(Kind::integer) ? std::to_string(key.integer)
                                 : text("(", describe(key), ")");
}

std::string describe_entry(const Value& key, const Value& value) {
  const std::size_t tensors = count_tensors(value);
  return text(key_text(key), ": ", describe(value), tensors ? text(" of ", tensors, " tensors") : "");
}

std::string list_entries(const Value& dict) {
  std::vector<std::string> entries;
  for (std::size_t i = 0; i + 1 < dict.items.size() && entries.size() < kListed; i += 2)
    entries.push_back(describe_entry(*dict.items[i], *dict.items[i + 1]));
  return join(entries, ", ") +
         (dict.items.size() / 2 > kListed ? text(" and ", dict.items.size() / 2 - kListed, " more") : "");
}

const Value* asked_for(const Value& root, const std::string& entry, const std::string& origin) {
  const Value* at = root.find(entry);  // the whole text may be one key
  if (!at) {
    at = &root;
    for (const auto& key : split(entry, '/')) {
      const Value* next = at->find(key);
      check_input(next != nullptr, text(origin, ": no entry ", quote(entry), "; it holds ", list_entries(*at), "."),
                  "Name one of them with --entry.");
      at = next;
    }
  }
  check_input(count_tensors(*at) > 0,
              text(origin, ": entry ", quote(entry), " is ", describe(*at), " without tensors; the file holds ",
                   list_entries(root), "."),
              "Name the dictionary that holds the weights with --entry.");
  return at;
}

/// One step from a dictionary without tensors towards the weights; nullptr where it is not clear which.
std::pair<const Value*, std::string> next_container(const Value& dict, const std::vector<std::string>& containers) {
  std::vector<std::string> names = containers;
  names.insert(names.end(), std::begin(kUsual), std::end(kUsual));
  for (const auto& name : names)
    if (const Value* found = dict.find(name); found && found->is(Kind::dict) && !found->items.empty())
      return {found, name};
  std::pair<const Value*, std::string> only{nullptr, {}};
  for (std::size_t i = 0; i + 1 < std::min(dict.items.size(), kTried); i += 2) {
    if (!dict.items[i]->is(Kind::text) || count_tensors(*dict.items[i + 1]) == 0) continue;
    if (only.first) return {nullptr, {}};
    only = {dict.items[i + 1], std::string(dict.items[i]->text)};
  }
  return only;
}

}  // namespace

StateDict find_state_dict(const Value& root, const std::vector<std::string>& containers, const std::string& entry,
                          const std::string& origin) {
  check_input(root.is(Kind::dict), text(origin, ": holds ", describe(root), ", a dictionary of tensors was expected."),
              "Save it with torch.save(model.state_dict(), FILE).");
  StateDict out;
  out.entry = entry;
  const Value* dict = entry.empty() ? &root : asked_for(root, entry, origin);
  for (std::size_t depth = 0; count_tensors(*dict) == 0; ++depth) {
    const auto [next, name] =
        depth < kDeepest ? next_container(*dict, containers) : std::pair<const Value*, std::string>{nullptr, {}};
    check_input(
        next != nullptr,
        text(origin, ": it is not clear which entry holds the weights; the file holds ", list_entries(*dict), "."),
        "Name it with --entry.");
    dict = next;
    out.entry += (out.entry.empty() ? "" : "/") + name;
  }
  std::unordered_map<std::string_view, std::size_t> seen;  // a key that comes twice: the last one counts, as in Python
  for (std::size_t i = 0; i + 1 < dict->items.size(); i += 2) {
    const Value &key = *dict->items[i], &value = *dict->items[i + 1];
    if (!key.is(Kind::text) || !value.is(Kind::tensor)) {
      if (out.others.size() < kListed) out.others.push_back(describe_entry(key, value));
      continue;
    }
    const auto [found, is_new] = seen.emplace(key.text, out.tensors.size());
    if (is_new)
      out.tensors.push_back({std::string(key.text), *value.tensor});
    else
      out.tensors[found->second].view = *value.tensor;
  }
  return out;
}

}  // namespace mien::weights
