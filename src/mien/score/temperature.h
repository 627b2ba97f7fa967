// SPDX-License-Identifier: Apache-2.0
// Temperature scaling (Guo, Pleiss, Sun and Weinberger 2017, section 4.2): one number by which logits are divided
// before softmax, so that probabilities are calibrated. The order of the classes, and so the accuracy, does not change.
#pragma once

#include <cstdint>
#include <span>

namespace mien::score {

struct TemperatureFit {
  double temperature = 1;
  double nll = 0;      ///< mean negative log likelihood at it, nats
  int iterations = 0;  ///< evaluations of the derivative
};

/// The temperature with the least mean negative log likelihood of the labels (n) under softmax(logits / T); logits n ×
/// K, row-major. The likelihood is convex in 1 / T, so its only minimum is found by bisection of the derivative, to a
/// relative 1e-9. `weights` (n, or empty for equal ones) say how much each picture counts. Throws bad_input if there is
/// none: no pictures; every label has the largest logit of its row (the temperature has no lower limit); logits that on
/// average do not favour their label (it has no upper limit).
TemperatureFit fit_temperature(std::span<const float> logits, std::span<const std::size_t> labels,
                               std::size_t num_classes, std::span<const double> weights = {});

}  // namespace mien::score
