// SPDX-License-Identifier: Apache-2.0
#include "mien/kernels/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace mien::kernels {

Parallel parallel_threads(int threads) {
  threads = std::max(threads, 1);
  return {threads, [threads](std::int64_t count, const std::function<void(std::int64_t)>& task) {
            std::atomic<std::int64_t> next{0};
            const auto work = [&] {
              for (std::int64_t i = next++; i < count; i = next++) task(i);
            };
            std::vector<std::jthread> helpers;
            for (std::int64_t i = 1; i < std::min<std::int64_t>(threads, count); ++i) helpers.emplace_back(work);
            work();
          }};
}

}  // namespace mien::kernels
