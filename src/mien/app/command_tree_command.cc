// SPDX-License-Identifier: Apache-2.0
// A hidden command of mien-lab: prints its commands as JSON for 'mien completion' and 'mien man'.
#include <iostream>

#include "mien/app/commands.h"
#include "mien/app/completion/command_tree.h"
#include "mien/app/program.h"

namespace mien::app {

void add_command_tree(Program& program) {
  CLI::App* command = program.command(kTreeCommand, "Print the commands as JSON", [&program] {
    std::cout << compact(to_json(command_tree(program.app()))) << "\n";
    return 0;
  });
  command->group("");  // not in --help
}

}  // namespace mien::app
