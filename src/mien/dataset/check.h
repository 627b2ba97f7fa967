// SPDX-License-Identifier: Apache-2.0
// The content of a data set and its defects, before training.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mien/base/progress.h"
#include "mien/dataset/data_set.h"
#include "mien/dataset/duplicates.h"

namespace mien::dataset {

struct CheckReport {
  std::string path;
  std::map<pack::Split, ClassCounts> counts;
  std::map<pack::Split, FieldCounts> fields;
  DuplicateCounts exact, all;                ///< `all` counts exact and similar ones together
  std::vector<Pair> pairs;                   ///< positions in the listing
  std::map<std::string, std::size_t> sizes;  ///< "48x48" → pictures
  Findings findings;                         ///< of reading and of decoding
};

/// Decodes every listed picture. Throws interrupted if `cancel` is set.
CheckReport check_data_set(const DataSet& set, int threads, const ProgressSink& progress, const CancelToken& cancel);

/// The same for a pack, whose sizes and content hash opening it has already verified; the listing is filled for
/// to_json.
CheckReport check_pack(const pack::Pack& pack, Listing& listing, int threads, const ProgressSink& progress,
                       const CancelToken& cancel);

/// The machine-readable contract (docs/formats.md).
Json to_json(const CheckReport& report, const Listing& listing);
/// The same as a text table.
std::string to_text(const CheckReport& report, const Listing& listing);

}  // namespace mien::dataset
