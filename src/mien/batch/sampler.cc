// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/sampler.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "mien/base/error.h"
#include "mien/base/random.h"

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

/// The first positions of each class in this order, as many as there are of the rarest class.
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

using Members = std::map<std::int64_t, std::vector<std::int64_t>>;  ///< class → positions

/// The largest number of full batches with at most `cap` members of each class; at least one.
std::size_t count_capped_batches(const Members& members, std::size_t batch_size, std::size_t cap) {
  std::size_t batches = 1;
  const auto fits = [&](std::size_t n) {
    std::size_t usable = 0;
    for (const auto& [label, positions] : members) usable += std::min(positions.size(), n * cap);
    return usable >= n * batch_size;
  };
  while (fits(batches + 1)) ++batches;
  return batches;
}

/// Repeatedly removes one member of the largest class until `total` members remain.
void trim_largest(Members& members, std::size_t cap, std::size_t total) {
  std::size_t sum = 0;
  for (auto& [label, positions] : members) {
    positions.resize(std::min(positions.size(), cap));
    sum += positions.size();
  }
  for (; sum > total; --sum)
    std::max_element(members.begin(), members.end(), [](const auto& a, const auto& b) {
      return a.second.size() < b.second.size();
    })->second.pop_back();
}

/// Deals each class to the batches in turn, like cards: a class with at most n · cap members then gives each of the n
/// batches at most `cap`.
std::vector<std::int64_t> capped_batches(const std::vector<std::int64_t>& order, std::span<const std::int64_t> labels,
                                         std::size_t batch_size, Random& random) {
  Members members;
  for (auto position : order) members[labels[static_cast<std::size_t>(position)]].push_back(position);
  const std::size_t cap = (batch_size + members.size() - 1) / members.size();
  const std::size_t count = count_capped_batches(members, batch_size, cap);
  trim_largest(members, count * cap, count * batch_size);
  std::vector<std::vector<std::int64_t>> batches(count);
  std::size_t next = 0;
  for (const auto& [label, positions] : members)
    for (auto position : positions) batches[next++ % count].push_back(position);
  random.shuffle(batches);
  std::vector<std::int64_t> out;
  for (auto& batch : batches) {
    random.shuffle(batch);
    out.insert(out.end(), batch.begin(), batch.end());
  }
  return out;
}

}  // namespace

std::vector<std::int64_t> epoch_order(Sampler sampler, std::span<const std::int64_t> labels, std::uint64_t seed,
                                      int epoch, std::size_t batch_size) {
  Random random = Random::stream(seed, "order", static_cast<std::uint64_t>(epoch));
  if (sampler == Sampler::inverse_frequency) return draw_by_inverse_frequency(labels, random);
  std::vector<std::int64_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  random.shuffle(order);
  if (sampler == Sampler::capped_batches) return capped_batches(order, labels, batch_size, random);
  return sampler == Sampler::equal_per_class ? equal_share_of(order, labels) : order;
}

std::vector<std::size_t> batch_bounds(std::size_t num_samples, std::size_t batch_size, bool drop_last) {
  check_input(num_samples >= 2, fmt::format("Training needs at least two samples, got {}.", num_samples),
              "Batch norm cannot compute statistics of a single picture.");
  if (drop_last && num_samples > batch_size) num_samples -= num_samples % batch_size;
  std::vector<std::size_t> bounds;
  for (std::size_t begin = 0; begin < num_samples; begin += batch_size) bounds.push_back(begin);
  if (bounds.size() > 1 && num_samples - bounds.back() == 1) bounds.pop_back();
  bounds.push_back(num_samples);
  return bounds;
}

}  // namespace mien::batch
