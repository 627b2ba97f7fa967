// SPDX-License-Identifier: Apache-2.0
// mien methods [show NAME]: the methods, and each configuration field with help, range, default and source.
#include <iostream>
#include <memory>

#include "mien/app/choice_type.h"
#include "mien/app/commands.h"
#include "mien/app/program.h"
#include "mien/base/text.h"
#include "mien/methods/registry.h"
#include "mien/train/config.h"

namespace mien::app {
namespace {

struct Described {
  std::unique_ptr<method::MethodConfig> method;
  train::TrainConfig train;
  Fields fields;
};

std::unique_ptr<Described> describe(const std::string& name) {
  auto d = std::make_unique<Described>();
  d->method = methods::make_config(name);
  d->method->declare(d->fields);
  train::declare(d->fields, d->train);
  return d;
}

Json to_json(const Described& d) {
  Json config = Json::array();
  for (const auto& f : d.fields.all())
    config.push_back({{"key", f.key},
                      {"default", f.default_value},
                      {"type", to_word(f.type)},
                      {"range", f.describe_range()},
                      {"help", f.help},
                      {"source", f.source}});
  const auto& info = d.method->info();
  return {{"name", info.name},       {"title", info.title},   {"paper", info.paper},
          {"licence", info.licence}, {"stages", info.stages}, {"config", config}};
}

int list(const Program& program) {
  Json all = Json::array();
  for (const auto& name : methods::names()) {
    const auto d = describe(name);
    all.push_back(to_json(*d));
    if (!program.json()) std::cout << name << "  " << d->method->info().title << "\n";
  }
  if (program.json())
    std::cout << compact(all) << std::endl;
  else
    std::cout << "Fields of a method: mien methods show NAME" << std::endl;
  return 0;
}

int show(const Program& program, const std::string& name) {
  const auto d = describe(name);
  if (program.json()) {
    std::cout << compact(to_json(*d)) << std::endl;
    return 0;
  }
  const auto& info = d->method->info();
  std::cout << info.title << "\n"
            << info.paper << "\nPublished weights: " << info.licence << "\nStages: " << join(info.stages, ", ")
            << "\n\n";
  for (const auto& f : d->fields.all()) {
    const std::string range = f.describe_range();
    std::cout << f.key << " = " << compact(f.default_value) << "\n    " << f.help << " [" << to_word(f.type)
              << (range.empty() ? "" : " " + range) << "; " << f.source << "]\n";
  }
  std::cout << std::flush;
  return 0;
}

}  // namespace

void add_methods(Program& program) {
  CLI::App* command = program.command("methods", "List the methods", [&program] { return list(program); });
  program.add_json_flag(command);
  auto name = std::make_shared<std::string>();
  CLI::App* detail = program.command(command, "show", "List every configuration field of a method",
                                     [&program, name] { return show(program, *name); });
  detail->add_option("name", *name, "Method")->required()->type_name(choice_type("METHOD", methods::names()));
  program.add_json_flag(detail);
}

}  // namespace mien::app
