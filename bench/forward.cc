// SPDX-License-Identifier: Apache-2.0
// Time of one forward pass of an exported model through mien's runtime: median and spread over repetitions, as JSON.
//   forward MODEL.onnx BATCH THREADS REPETITIONS
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "mien/base/json.h"
#include "mien/runtime/expression_model.h"

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: forward MODEL.onnx BATCH THREADS REPETITIONS\n";
    return 2;
  }
  try {
    using Clock = std::chrono::steady_clock;
    const std::int64_t batch = std::atoll(argv[2]);
    mien::runtime::ModelOptions options;
    options.threads = std::atoi(argv[3]);
    const auto model = mien::runtime::ExpressionModel::load(argv[1], options);
    const auto& input = model.card().input;
    mien::runtime::Session session(model.network());
    const auto values = session.input({batch, input.channels, input.height, input.width});
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 255) / 255.0f;
    std::vector<double> ms;
    for (int i = -20; i < std::atoi(argv[4]); ++i) {  // twenty to warm up
      const auto begin = Clock::now();
      session.run();
      if (i >= 0) ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    }
    std::sort(ms.begin(), ms.end());
    const auto at = [&](double q) { return ms[static_cast<std::size_t>(q * static_cast<double>(ms.size() - 1))]; };
    std::cout << mien::compact({{"batch", batch},
                                {"threads", options.threads},
                                {"least_ms", ms.front()},
                                {"median_ms", at(0.5)},
                                {"p05_ms", at(0.05)},
                                {"p95_ms", at(0.95)},
                                {"repetitions", ms.size()}})
              << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
