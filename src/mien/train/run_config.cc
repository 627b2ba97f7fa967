// SPDX-License-Identifier: Apache-2.0
#include "mien/train/run_config.h"

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/base/toml.h"

namespace mien::train {
namespace {

std::string method_of(const Json& config, const std::vector<std::string>& sets, const std::string& origin) {
  for (auto it = sets.rbegin(); it != sets.rend(); ++it)
    if (it->starts_with("method=")) return std::string(trim(std::string_view(*it).substr(7)));
  if (!config.contains("method") || !config.at("method").is_string())
    fail_usage(origin + ": no method given.", "Add a line like: method = \"dan\".");
  return config.at("method").get<std::string>();
}

}  // namespace

RunConfig::RunConfig(const std::string& method, const MethodFactory& factory)
    : train_(std::make_unique<TrainConfig>()), method_(factory(method)) {
  declare(fields_, *train_);
  method_->declare(fields_);
}

RunConfig RunConfig::from_file(const std::filesystem::path& path, const std::vector<std::string>& sets,
                               const MethodFactory& factory) {
  const Json file = read_toml(path);
  RunConfig config(method_of(file, sets, path.string()), factory);
  config.fields_.set_all(file, path.string());
  for (const auto& assignment : sets) config.fields_.set_text(assignment);
  return config;
}

RunConfig RunConfig::from_json(const Json& resolved, const std::string& origin, const MethodFactory& factory) {
  RunConfig config(method_of(resolved, {}, origin), factory);
  config.fields_.set_all(resolved, origin);
  return config;
}

}  // namespace mien::train
