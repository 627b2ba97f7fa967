// SPDX-License-Identifier: Apache-2.0
// Projection of many numbers per picture to two for plotting.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace mien::score {

struct PrincipalPlane {
  std::vector<double> x, y;         ///< one pair per row, about the mean, in the rows' unit
  double share_x = 0, share_y = 0;  ///< of the variance, 0..1
};

/// Principal component analysis (Pearson 1901) of rows (n × dims, row-major): their coordinates along the two
/// directions of largest variance, by orthogonal iteration. A direction's sign is such that its largest component is
/// positive. No row: empty; no variance: zeros.
PrincipalPlane principal_plane(std::span<const float> rows, std::size_t dims);

}  // namespace mien::score
