// SPDX-License-Identifier: Apache-2.0
#include "mien/train/noise_watch.h"

#include <algorithm>

#include "mien/base/error.h"
#include "mien/face/prediction.h"

namespace mien::train {
namespace {

constexpr std::size_t kBatch = 128;

}  // namespace

NoiseWatch::NoiseWatch(const batch::PackedSet& set) {
  if (set.truth().size() != set.size())
    fail_usage("The true labels of the training part are not known.", "Set data.truth to the list of the noisy pack.");
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (set.truth()[i] == set.labels()[i]) continue;
    pictures_.push_back(set.indices()[i]);
    given_.push_back(set.labels()[i]);
    truth_.push_back(set.truth()[i]);
  }
}

std::optional<NoiseShares> NoiseWatch::judge(const score::Predictor& predictor) const {
  if (pictures_.empty()) return std::nullopt;
  std::int64_t memorised = 0, recovered = 0;
  for (std::size_t begin = 0; begin < pictures_.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, pictures_.size() - begin);
    const std::vector<float> logits = predictor(std::span(pictures_).subspan(begin, count));
    const std::size_t classes = logits.size() / count;
    for (std::size_t i = 0; i < count; ++i) {
      const auto predicted = static_cast<std::int64_t>(face::arg_max(std::span(logits).subspan(i * classes, classes)));
      memorised += predicted == given_[begin + i];
      recovered += predicted == truth_[begin + i];
    }
  }
  const auto n = static_cast<double>(pictures_.size());
  return NoiseShares{static_cast<std::int64_t>(pictures_.size()), static_cast<double>(memorised) / n,
                     static_cast<double>(recovered) / n};
}

}  // namespace mien::train
