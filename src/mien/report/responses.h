// SPDX-License-Identifier: Apache-2.0
// Further outputs of a model for each picture, over a whole part of a pack: the faces with the largest named
// values, and the positions of the pictures in its feature space.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mien/face/card.h"
#include "mien/pack/pack.h"
#include "mien/report/page.h"

namespace mien::report {

/// Collected while a predictor runs, row by row in that order.
struct Responses {
  struct Output {
    std::string name;                 ///< of the card's output
    std::string meaning;              ///< as in the card
    std::vector<std::string> labels;  ///< what each number is of; empty: a feature vector
    std::vector<float> rows;          ///< pictures × numbers, row-major
  };
  std::vector<std::uint32_t> pictures;  ///< indices in the pack
  std::vector<Output> outputs;

  /// One picture's numbers of one output; the same number of them in every call for that output.
  void add(const face::OutputSpec& output, const std::vector<float>& row);
};

/// Per named value ("latent 3") the pictures in which it is largest, largest first, at most `limit`, as positions in
/// `pictures`.
std::vector<std::size_t> strongest(const Responses::Output& output, std::size_t label, std::size_t limit);

/// A section for each output of several named values that is of the picture itself (not "class_…", the predicted
/// class's), and one for each feature vector. Without `pictures` their names are listed instead.
void add_responses(report::Page& page, const Responses& responses, const pack::Pack& pack, bool pictures);

}  // namespace mien::report
