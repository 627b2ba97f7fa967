// SPDX-License-Identifier: Apache-2.0
// Time of one forward pass of an exported model through mien's runtime: median and spread over repetitions, as JSON.
//   forward MODEL.onnx BATCH THREADS REPETITIONS
#include <cstdlib>
#include <iostream>

#include "mien/base/json.h"
#include "mien/runtime/forward_time.h"

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: forward MODEL.onnx BATCH THREADS REPETITIONS\n";
    return 2;
  }
  try {
    const std::int64_t batch = std::atoll(argv[2]);
    mien::runtime::ModelOptions options;
    options.threads = std::atoi(argv[3]);
    const auto times = mien::runtime::time_forward(mien::runtime::ExpressionModel::load(argv[1], options),
                                                   {.batch = batch, .repetitions = std::atoi(argv[4])});
    std::cout << mien::compact({{"batch", batch},
                                {"threads", options.threads},
                                {"least_ms", times.ms.front()},
                                {"median_ms", times.quantile(0.5)},
                                {"p05_ms", times.quantile(0.05)},
                                {"p95_ms", times.quantile(0.95)},
                                {"repetitions", times.ms.size()}})
              << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
