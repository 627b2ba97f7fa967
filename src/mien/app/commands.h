// SPDX-License-Identifier: Apache-2.0
// Every command of the two programs; each is defined in the file of its name.
#pragma once

namespace mien::app {

class Program;

// mien (recognition)
void add_predict(Program& program);
void add_models(Program& program);
void add_doctor(Program& program);
void add_data(Program& program);
void add_eval_model(Program& program);
void add_calibrate_model(Program& program);
void add_noise_report_model(Program& program);
void add_bench(Program& program);

// mien-lab (training)
void add_train(Program& program);
void add_eval_run(Program& program);
void add_calibrate_run(Program& program);
void add_noise_report_run(Program& program);
void add_import(Program& program);
void add_export(Program& program);
void add_verify(Program& program);
void add_methods(Program& program);

}  // namespace mien::app
