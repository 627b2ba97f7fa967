// SPDX-License-Identifier: Apache-2.0
#include "mien/score/temperature.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"

namespace mien::score {
namespace {

struct Likelihood {
  double nll = 0;    ///< mean of ln Σ exp(βz) - βz_y
  double slope = 0;  ///< its derivative in β: mean of E_p[z] - z_y, which never falls
};

Likelihood likelihood(std::span<const float> logits, std::span<const std::size_t> labels, std::size_t k,
                      std::span<const double> weights, double beta) {
  Likelihood sum;
  double n = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = logits.subspan(i * k, k);
    const double top = *std::max_element(row.begin(), row.end()), truth = row[labels[i]];
    const double counts = weights.empty() ? 1 : weights[i];
    double total = 0, mean = 0;
    for (const float z : row) {
      const double weight = std::exp(beta * (z - top));
      total += weight;
      mean += weight * (z - truth);
    }
    sum.nll += counts * (std::log(total) + beta * (top - truth));
    sum.slope += counts * mean / total;
    n += counts;
  }
  return {sum.nll / n, sum.slope / n};
}

bool all_right(std::span<const float> logits, std::span<const std::size_t> labels, std::size_t k) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = logits.subspan(i * k, k);
    if (row[labels[i]] < *std::max_element(row.begin(), row.end())) return false;
  }
  return true;
}

}  // namespace

TemperatureFit fit_temperature(std::span<const float> logits, std::span<const std::size_t> labels, std::size_t k,
                               std::span<const double> weights) {
  check_input(!labels.empty(), "There is no picture to fit the temperature.", "Choose a pack with a validation part.");
  check_input(!all_right(logits, labels, k),
              fmt::format("All {} validation pictures are classified correctly, so the temperature has no lower limit.",
                          labels.size()),
              "Calibrate on more pictures, or on more difficult ones.");
  check_input(likelihood(logits, labels, k, weights, 0).slope < 0,
              "The logits do not favour the correct class, so the temperature has no upper limit.",
              "Check that the model matches the data set, or train longer.");
  TemperatureFit fit;
  // The slope is negative at 0 and, as some row is wrong, positive from some β on.
  double low = 0, high = 1;
  while (++fit.iterations < 200 && likelihood(logits, labels, k, weights, high).slope < 0) low = high, high *= 2;
  while (high - low > 1e-9 * high && ++fit.iterations < 400) {
    const double middle = (low + high) / 2;
    (likelihood(logits, labels, k, weights, middle).slope < 0 ? low : high) = middle;
  }
  const double beta = (low + high) / 2;
  fit.temperature = 1 / beta;
  fit.nll = likelihood(logits, labels, k, weights, beta).nll;
  return fit;
}

}  // namespace mien::score
