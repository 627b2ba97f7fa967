// SPDX-License-Identifier: Apache-2.0
// mien doctor: checks this installation and suggests remedies.
#include <cstdlib>
#include <iostream>

#include "mien/app/commands.h"
#include "mien/app/doctor/doctor.h"
#include "mien/app/program.h"

namespace mien::app {
namespace {

constexpr std::chrono::milliseconds kLimit{4800};  // five seconds including the program's start

int doctor(const Program& program) {
  const auto diagnosis = app::diagnose({MIEN_SOURCE_DIR}, app::doctor_checks(), kLimit);
  std::cout << (program.json() ? compact(to_json(diagnosis)) + "\n" : to_text(diagnosis)) << std::flush;
  if (!program.json())
    program.say(diagnosis.is_well() ? "mien: no check failed."
                                    : "mien: some checks failed; the arrows mark the remedies.");
  const int code = diagnosis.is_well() ? 0 : 1;
  if (diagnosis.is_stuck) std::_Exit(code);  // its thread cannot be ended
  return code;
}

}  // namespace

void add_doctor(Program& program) {
  CLI::App* c = program.command("doctor", "Check this installation: what is installed, what is wrong, how to fix it",
                                [&program] { return doctor(program); });
  program.add_json_flag(c);
}

}  // namespace mien::app
