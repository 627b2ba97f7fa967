// SPDX-License-Identifier: Apache-2.0
// Features of pictures that were computed once, by the picture's index in its pack.
#pragma once

#include <vector>

#include "mien/nn/torch.h"

namespace mien::methods::part_based {

class FeatureCache {
 public:
  /// index (B) int64, each index once; features (B,D)
  void add(const at::Tensor& index, const at::Tensor& features);
  /// (B,D). Throws failed if one was not added.
  at::Tensor look_up(const at::Tensor& index) const;
  /// All features, in the order of adding (n,D); undefined while there are none.
  at::Tensor all() const;
  bool empty() const { return blocks_.empty(); }
  void clear();

 private:
  void join() const;

  mutable std::vector<at::Tensor> blocks_;  ///< one after join()
  std::vector<std::int64_t> rows_;          ///< by index; -1: not added
  std::int64_t count_ = 0;
};

}  // namespace mien::methods::part_based
