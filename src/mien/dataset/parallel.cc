// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace mien::dataset {

void parallel_for(std::size_t n, int threads, const std::function<void(std::size_t, std::size_t)>& body) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr first_error;
  std::mutex mutex;
  const auto work = [&](std::size_t thread) {
    try {
      for (std::size_t i; (i = next.fetch_add(1)) < n;) body(i, thread);
    } catch (...) {
      const std::scoped_lock lock(mutex);
      if (!first_error) first_error = std::current_exception();
      next.store(n);
    }
  };
  std::vector<std::thread> helpers;
  const auto num_threads = std::min(n, static_cast<std::size_t>(std::max(1, threads)));
  for (std::size_t t = 1; t < num_threads; ++t) helpers.emplace_back(work, t);
  work(0);
  for (auto& helper : helpers) helper.join();
  if (first_error) std::rethrow_exception(first_error);
}

}  // namespace mien::dataset
