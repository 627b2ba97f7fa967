// SPDX-License-Identifier: Apache-2.0
#include "mien/app/completion/command_tree.h"

#include <algorithm>
#include <array>

#include "mien/base/text.h"
#include "mien/base/words.h"

namespace mien::app {
namespace {

constexpr std::array<std::pair<const char*, ValueKind>, 9> kKinds = {{
    {"DIR", ValueKind::folder},
    {"FILE", ValueKind::file},
    {"IMAGE", ValueKind::file},
    {"PACK", ValueKind::file},
    {"PATH", ValueKind::file},
    {"RUN", ValueKind::file},
    {"CONFIG", ValueKind::file},
    {"MODEL", ValueKind::model},
    {"RUN|MODEL", ValueKind::model},
}};

ValueKind kind_of(const std::string& name) {
  for (const auto& [known, kind] : kKinds)
    if (name == known) return kind;
  return ValueKind::text;
}

std::string without_ending(std::string name, std::string_view ending) {
  if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  return name;
}

OptionInfo option_info(const CLI::Option& option) {
  OptionInfo info;
  for (const auto& name : option.get_snames()) info.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) info.names.push_back("--" + name);
  if (info.names.empty()) info.names.push_back(option.get_single_name());
  info.help = option.get_description();
  if (option.get_items_expected_max() > 0) info.value = value_info(option.get_type_name());
  info.is_repeated = option.get_items_expected_max() > 1;
  return info;
}

Json to_json(const OptionInfo& option) {
  return {{"names", option.names},
          {"help", option.help},
          {"kind", to_word(option.value.kind)},
          {"value", option.value.name},
          {"choices", option.value.choices},
          {"is_repeated", option.is_repeated}};
}

OptionInfo option_of(const Json& json, const std::string& origin) {
  OptionInfo option;
  option.names = json_at<std::vector<std::string>>(json, "names", origin);
  option.help = json_at<std::string>(json, "help", origin);
  option.value.kind = from_word<ValueKind>(json_at<std::string>(json, "kind", origin)).value_or(ValueKind::text);
  option.value.name = json_at<std::string>(json, "value", origin);
  option.value.choices = json_at<std::vector<std::string>>(json, "choices", origin);
  option.is_repeated = json_at<bool>(json, "is_repeated", origin);
  return option;
}

void collect(const CommandInfo& command, const std::string& path, std::vector<CommandAt>& out) {
  out.push_back({path, &command});
  for (const auto& sub : command.commands) collect(sub, path.empty() ? sub.name : path + " " + sub.name, out);
}

}  // namespace

ValueInfo value_info(const std::string& type_name) {
  ValueInfo value;
  value.name = type_name.substr(0, type_name.find(':'));
  const std::string one = without_ending(without_ending(value.name, "…"), ",");
  value.kind = kind_of(one);
  const auto open = type_name.find(":{");
  const auto close = type_name.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return value;
  value.kind = ValueKind::choice;
  value.choices = split(std::string_view(type_name).substr(open + 2, close - open - 2), ',');
  return value;
}

CommandInfo command_tree(const CLI::App& app) {
  CommandInfo command{app.get_name(), app.get_description(), {}, {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    auto& list = option->get_positional() ? command.arguments : command.options;
    list.push_back(option_info(*option));
  }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
    command.commands.push_back(command_tree(*sub));
  return command;
}

Json to_json(const CommandInfo& command) {
  Json json = {{"name", command.name},
               {"help", command.help},
               {"options", Json::array()},
               {"arguments", Json::array()},
               {"commands", Json::array()}};
  for (const auto& option : command.options) json["options"].push_back(to_json(option));
  for (const auto& argument : command.arguments) json["arguments"].push_back(to_json(argument));
  for (const auto& sub : command.commands) json["commands"].push_back(to_json(sub));
  return json;
}

CommandInfo command_info(const Json& json, const std::string& origin) {
  CommandInfo command;
  command.name = json_at<std::string>(json, "name", origin);
  command.help = json_at<std::string>(json, "help", origin);
  for (const auto& option : json_at<Json>(json, "options", origin))
    command.options.push_back(option_of(option, origin));
  for (const auto& argument : json_at<Json>(json, "arguments", origin))
    command.arguments.push_back(option_of(argument, origin));
  for (const auto& sub : json_at<Json>(json, "commands", origin)) command.commands.push_back(command_info(sub, origin));
  return command;
}

std::vector<CommandAt> all_commands(const CommandInfo& root) {
  std::vector<CommandAt> out;
  collect(root, "", out);
  return out;
}

}  // namespace mien::app
