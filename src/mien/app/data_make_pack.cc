// SPDX-License-Identifier: Apache-2.0
#include "mien/app/data_make_pack.h"

#include <fmt/core.h>

#include <iostream>

#include "mien/base/error.h"

namespace mien::app {

std::string PackCommand::canonical() const {
  return fmt::format("mien {} {}", name, std::filesystem::path(input).filename().string());
}

void add_packs(CLI::App* command, PackCommand& files, const std::string& output_help) {
  command->add_option("pack", files.input, "Packed data set; it is not changed")->required()->type_name("PACK");
  command->add_option("-o,--output", files.output, output_help)->type_name("FILE");
}

int make_pack(const Program& program, const PackCommand& command,
              const std::function<MadePack(const pack::Pack& source)>& make,
              const std::function<void(OutputGuard&)>& further) {
  if (command.output.empty())
    fail_usage(fmt::format("{} needs an output file.", command.name), fmt::format("Add -o {}", command.example));
  OutputGuard guard = program.output_guard(command.name);
  guard.reads(command.input);
  for (const auto& file : command.further_inputs) guard.reads(file);
  guard.writes("-o", command.output, OutputKind::pack);
  if (further) further(guard);
  const MadePack made = make(pack::Pack(command.input));
  if (program.json()) {
    std::cout << compact(made.json) << std::endl;
  } else {
    std::cout << made.text << std::flush;
  }
  program.say(after_packing(command.output, made.parts, made.more));
  return 0;
}

}  // namespace mien::app
