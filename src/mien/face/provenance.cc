// SPDX-License-Identifier: Apache-2.0
#include "mien/face/provenance.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/json_number.h"

namespace mien::face {
namespace {

/// "" if the entry is missing.
std::string text_at(const Json& json, const char* key, const std::string& origin) {
  return json.contains(key) ? json_at<std::string>(json, key, origin) : std::string();
}

void require_object(const Json& json, const std::string& what, const std::string& origin) {
  check_input(json.is_object(), fmt::format("{}: {} must be an object.", origin, what));
}

Json to_json(const std::vector<StagePack>& packs) {
  Json json = Json::array();
  for (const StagePack& p : packs)
    json.push_back({{"stage", p.stage}, {"data_set", p.data_set}, {"licence", p.licence}, {"data_hash", p.data_hash}});
  return json;
}

std::vector<StagePack> packs_from_json(const Json& json, const std::string& origin) {
  check_input(json.is_array(), fmt::format("{}: own_packs must be a list.", origin));
  std::vector<StagePack> out;
  for (const auto& p : json)
    out.push_back({json_at<std::string>(p, "stage", origin), json_at<std::string>(p, "data_set", origin),
                   json_at<std::string>(p, "licence", origin), json_at<std::string>(p, "data_hash", origin)});
  return out;
}

}  // namespace

std::int64_t samples_in(const Provenance& provenance, const std::string& part) {
  const auto found = std::find_if(provenance.samples.begin(), provenance.samples.end(),
                                  [&](const auto& entry) { return entry.first == part; });
  return found == provenance.samples.end() ? 0 : found->second;
}

Json to_json(const Provenance& p) {
  if (p == Provenance{}) return Json::object();
  Json json = {{"data_set", p.data_set}, {"licence", p.licence}, {"label_rule", p.label_rule}};
  if (!p.data_hash.empty()) json["data_hash"] = p.data_hash;
  json["samples"] = Json::object();
  for (const auto& [part, count] : p.samples) json["samples"][part] = count;
  if (!p.imported_from.empty()) {
    json["imported_from"] = p.imported_from;
    json["source_hash"] = p.source_hash;
  }
  if (p.seed) json["seed"] = *p.seed;
  json["git_revision"] = p.git_revision;
  json["command"] = p.command;
  if (!p.recipe.empty() || !p.lineage.empty()) {
    json["recipe"] = p.recipe;
    json["lineage"] = to_json(p.lineage);
  }
  if (!p.own_packs.empty()) json["own_packs"] = to_json(p.own_packs);
  return json;
}

Json card_entry(Provenance provenance) {
  provenance.recipe.clear();
  provenance.lineage.clear();
  return to_json(provenance);
}

Provenance provenance_from_json(const Json& json, const std::string& origin) {
  require_object(json, "training", origin);
  Provenance p;
  p.data_set = text_at(json, "data_set", origin);
  p.licence = text_at(json, "licence", origin);
  p.label_rule = text_at(json, "label_rule", origin);
  p.data_hash = text_at(json, "data_hash", origin);
  if (json.contains("samples")) {
    require_object(json.at("samples"), "samples", origin);
    for (const auto& entry : json.at("samples").items())
      p.samples.emplace_back(entry.key(), json_number<std::int64_t>(json.at("samples"), entry.key().c_str(), origin));
  }
  p.imported_from = text_at(json, "imported_from", origin);
  p.source_hash = text_at(json, "source_hash", origin);
  if (json.contains("seed")) p.seed = json_number<std::int64_t>(json, "seed", origin);
  p.git_revision = text_at(json, "git_revision", origin);
  p.command = text_at(json, "command", origin);
  p.recipe = text_at(json, "recipe", origin);
  if (json.contains("lineage")) p.lineage = lineage_from_json(json.at("lineage"), origin);
  if (json.contains("own_packs")) p.own_packs = packs_from_json(json.at("own_packs"), origin);
  return p;
}

Json to_json(const std::vector<Ancestor>& lineage) {
  Json json = Json::array();
  for (const Ancestor& a : lineage)
    json.push_back(
        {{"part", a.part}, {"file", a.file}, {"hash", a.hash}, {"data_set", a.data_set}, {"licence", a.licence}});
  return json;
}

std::vector<Ancestor> lineage_from_json(const Json& json, const std::string& origin) {
  check_input(json.is_array(), fmt::format("{}: lineage must be a list.", origin));
  std::vector<Ancestor> out;
  for (const auto& a : json)
    out.push_back({json_at<std::string>(a, "part", origin), json_at<std::string>(a, "file", origin),
                   json_at<std::string>(a, "hash", origin), json_at<std::string>(a, "data_set", origin),
                   json_at<std::string>(a, "licence", origin)});
  return out;
}

Json to_json(const Environment& e) {
  return {{"mien", e.mien},           {"revision", e.revision}, {"torch", e.torch},
          {"processor", e.processor}, {"threads", e.threads},   {"cuda", e.cuda}};
}

Environment environment_from_json(const Json& json, const std::string& origin) {
  require_object(json, "the environment", origin);
  Environment e;
  e.mien = text_at(json, "mien", origin);
  e.revision = text_at(json, "revision", origin);
  e.torch = text_at(json, "torch", origin);
  e.processor = text_at(json, "processor", origin);
  if (json.contains("threads")) e.threads = json_number<int>(json, "threads", origin);
  if (json.contains("cuda")) e.cuda = json_at<bool>(json, "cuda", origin);
  return e;
}

}  // namespace mien::face
