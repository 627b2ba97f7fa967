// SPDX-License-Identifier: Apache-2.0
// A parallel loop.
#pragma once

#include <cstddef>
#include <functional>

namespace mien::dataset {

/// Calls body(i, thread) for i in 0..n-1, each once, in no fixed order, thread in 0..threads-1. The first exception
/// ends the loop and is thrown here.
void parallel_for(std::size_t n, int threads, const std::function<void(std::size_t i, std::size_t thread)>& body);

}  // namespace mien::dataset
