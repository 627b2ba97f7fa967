// SPDX-License-Identifier: Apache-2.0
// How a kernel distributes independent tasks over threads. The caller decides: LibTorch has its own pool, and
// recognition starts threads for one call.
#pragma once

#include <cstdint>
#include <functional>

namespace mien::kernels {

/// Runs tasks 0 .. count-1, each once, in any order, and returns when all are done.
struct Parallel {
  int threads = 1;  ///< that may run at the same time; does not affect results
  std::function<void(std::int64_t count, const std::function<void(std::int64_t task)>& task)> run;
};

/// `threads` standard threads, started for each call; 1 runs the tasks in the calling thread.
Parallel parallel_threads(int threads);

}  // namespace mien::kernels
