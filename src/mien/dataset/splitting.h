// SPDX-License-Identifier: Apache-2.0
// Splits for data sets without splits: seeded, stratified by class, and never with one person in two splits.
#pragma once

#include <cstdint>

#include "mien/dataset/listing.h"

namespace mien::dataset {

struct SplitShares {
  double valid = 0, test = 0;  ///< 0..1 of the training pictures, together at most 1
  std::uint64_t seed = 0;
};

/// Moves shares of the training pictures to the other splits, each class by its share as far as whole groups (subjects)
/// allow. Throws usage if a share is out of range or the data set already has the split.
void split_listing(Listing& listing, const SplitShares& shares);

}  // namespace mien::dataset
