// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/sampler.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "mien/base/error.h"
#include "mien/base/random.h"
#include "mien/base/text.h"

namespace mien::batch {
namespace {

std::vector<std::int64_t> draw_by_inverse_frequency(std::span<const std::int64_t> labels, Random& random) {
  std::map<std::int64_t, double> count;
  for (auto label : labels) ++count[label];
  std::vector<double> cumulative(labels.size());
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) cumulative[i] = sum += 1 / count[labels[i]];
  std::vector<std::int64_t> order(labels.size());
  for (auto& position : order) {
    const auto at = std::upper_bound(cumulative.begin(), cumulative.end(), random.uniform() * sum);
    position = std::min<std::int64_t>(at - cumulative.begin(), static_cast<std::int64_t>(labels.size()) - 1);
  }
  return order;
}

/// The first positions of each class in this order, as many as the rarest class has.
std::vector<std::int64_t> equal_share_of(const std::vector<std::int64_t>& order, std::span<const std::int64_t> labels) {
  std::map<std::int64_t, std::size_t> count, taken;
  for (auto label : labels) ++count[label];
  const std::size_t share = std::min_element(count.begin(), count.end(), [](const auto& a, const auto& b) {
                              return a.second < b.second;
                            })->second;
  std::vector<std::int64_t> out;
  for (auto position : order)
    if (taken[labels[static_cast<std::size_t>(position)]]++ < share) out.push_back(position);
  return out;
}

}  // namespace

std::vector<std::int64_t> epoch_order(Sampler sampler, std::span<const std::int64_t> labels, std::uint64_t seed,
                                      int epoch) {
  Random random = Random::stream(seed, "order", static_cast<std::uint64_t>(epoch));
  if (sampler == Sampler::inverse_frequency) return draw_by_inverse_frequency(labels, random);
  std::vector<std::int64_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  random.shuffle(order);
  return sampler == Sampler::equal_per_class ? equal_share_of(order, labels) : order;
}

std::vector<std::size_t> batch_bounds(std::size_t num_samples, std::size_t batch_size, bool drop_last) {
  check_input(num_samples >= 2, text("Training needs two or more samples, got ", num_samples, "."),
              "Batch norm has no statistics of one picture.");
  if (drop_last && num_samples > batch_size) num_samples -= num_samples % batch_size;
  std::vector<std::size_t> bounds;
  for (std::size_t begin = 0; begin < num_samples; begin += batch_size) bounds.push_back(begin);
  if (bounds.size() > 1 && num_samples - bounds.back() == 1) bounds.pop_back();
  bounds.push_back(num_samples);
  return bounds;
}

}  // namespace mien::batch
