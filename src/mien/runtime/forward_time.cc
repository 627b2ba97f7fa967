// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/forward_time.h"

#include <algorithm>
#include <chrono>

namespace mien::runtime {

double ForwardTimes::quantile(double q) const {
  return ms[static_cast<std::size_t>(q * static_cast<double>(ms.size() - 1))];
}

ForwardTimes time_forward(const ExpressionModel& model, const TimingOptions& options) {
  using Clock = std::chrono::steady_clock;
  const face::InputSpec& input = model.card().input;
  Session session(model.network());
  const auto values = session.input({options.batch, input.channels, input.height, input.width});
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 255) / 255.0f;
  ForwardTimes times;
  for (int i = -options.warm_up; i < options.repetitions; ++i) {
    const auto begin = Clock::now();
    session.run();
    if (i >= 0) times.ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  std::sort(times.ms.begin(), times.ms.end());
  return times;
}

}  // namespace mien::runtime
