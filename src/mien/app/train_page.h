// SPDX-License-Identifier: Apache-2.0
// report.html of a run's folder, and the pictures that a method's hooks return for it.
#pragma once

#include "mien/report/training.h"
#include "mien/train/trainer.h"

namespace mien::app {

/// Draws the page from the folder's records. Failures are logged, never thrown: a run is worth more than its
/// page. `provenance`: of the run's checkpoints.
void write_train_page(const train::RunFolder& folder, const face::Provenance& provenance, report::RunState state);

/// Writes the epoch's pictures to the files that its row names, then draws the page of the current run.
void write_epoch(const train::RunFolder& folder, const face::Provenance& provenance, const train::EpochRecord& record);

}  // namespace mien::app
