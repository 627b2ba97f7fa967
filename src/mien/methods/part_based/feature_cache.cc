// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/feature_cache.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::methods::part_based {

void FeatureCache::add(const at::Tensor& index, const at::Tensor& features) {
  const at::Tensor plain = index.to(at::kCPU).contiguous();
  const std::int64_t* values = plain.const_data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < plain.numel(); ++i) {
    const auto position = static_cast<std::size_t>(values[i]);
    if (position >= rows_.size()) rows_.resize(std::max(position + 1, 2 * rows_.size()), -1);
    rows_[position] = count_++;
  }
  blocks_.push_back(features.detach());
}

void FeatureCache::join() const {
  if (blocks_.size() > 1) blocks_ = {at::cat(blocks_)};
}

at::Tensor FeatureCache::all() const {
  join();
  return blocks_.empty() ? at::Tensor() : blocks_.front();
}

at::Tensor FeatureCache::look_up(const at::Tensor& index) const {
  const at::Tensor plain = index.to(at::kCPU).contiguous();
  const std::int64_t* values = plain.const_data_ptr<std::int64_t>();
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < plain.numel(); ++i) {
    const auto position = static_cast<std::size_t>(values[i]);
    if (position >= rows_.size() || rows_[position] < 0)
      throw Error(ErrorKind::failed, fmt::format("Picture {} of the pack has no cached features.", values[i]));
    chosen.push_back(rows_[position]);
  }
  const at::Tensor features = all();
  return features.index_select(0, at::tensor(chosen, at::TensorOptions(at::kLong)).to(features.device()));
}

void FeatureCache::clear() {
  blocks_.clear();
  rows_.clear();
  count_ = 0;
}

}  // namespace mien::methods::part_based
