// SPDX-License-Identifier: Apache-2.0
// report.html of a run's folder.
#pragma once

#include "mien/report/training.h"
#include "mien/train/run_folder.h"

namespace mien::train {

/// Makes the page anew from the folder's records. What prevents it is logged, never thrown: a run is worth more than
/// its page. `training`: the entry of that name in the run's checkpoints.
void write_run_page(const RunFolder& folder, const Json& training, report::RunState state);

}  // namespace mien::train
