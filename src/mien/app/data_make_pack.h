// SPDX-License-Identifier: Apache-2.0
// Common code of the commands that make a pack from another one: data fold, noise, occlude, scenes, subset,
// warp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mien/app/next_step.h"
#include "mien/app/program.h"
#include "mien/base/json.h"

namespace mien::app {

/// A command with its two packs.
struct PackCommand {
  const char* name = "";     ///< "data fold"
  const char* example = "";  ///< a name for the output: "fold0.pack"
  std::string input = {}, output = {};
  std::vector<std::string> further_inputs = {};  ///< other files that must stay as they are

  /// "mien data fold ferplus.pack", without the folders of this machine: equal input then gives equal packs.
  std::string canonical() const;
};

/// Declares the argument "pack" and the option -o with its help.
void add_packs(CLI::App* command, PackCommand& files, const std::string& output_help);

/// The result of making the pack.
struct MadePack {
  Json json;              ///< the result with --json
  std::string text;       ///< the result for people: whole lines
  Parts parts;            ///< of the new pack, for the next step
  std::string more = {};  ///< further words of the training command, as in after_packing()
};

/// Checks the paths, opens the input, calls `make`, prints the result and names the next step. `further` declares
/// further outputs. Throws usage without an output; the exit code is 0.
int make_pack(const Program& program, const PackCommand& command,
              const std::function<MadePack(const pack::Pack& source)>& make,
              const std::function<void(OutputGuard&)>& further = nullptr);

}  // namespace mien::app
