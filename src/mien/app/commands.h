// SPDX-License-Identifier: Apache-2.0
// Every command of the two programs; each is defined in the file of its name.
#pragma once

namespace mien::app {

class Program;

// Both programs: on an exported model in mien, on a run in mien-lab
void add_eval(Program& program);
void add_calibrate(Program& program);
void add_noise_report(Program& program);

// mien (recognition)
void add_predict(Program& program);
void add_invert(Program& program);
void add_models(Program& program);
void add_doctor(Program& program);
void add_data(Program& program);
void add_bench(Program& program);
void add_completion(Program& program);

// mien-lab (training)
void add_train(Program& program);
void add_import(Program& program);
void add_export(Program& program);
void add_verify(Program& program);
void add_methods(Program& program);
void add_command_tree(Program& program);
inline constexpr const char* kTreeCommand = "command-tree";

}  // namespace mien::app
