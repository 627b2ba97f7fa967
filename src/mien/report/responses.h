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
#include "mien/score/breakdown.h"

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

/// Means of one output's numbers over some pictures (indices in the pack).
std::vector<double> mean_over(const Responses& responses, const Responses::Output& output,
                              const std::vector<std::uint32_t>& pictures);

/// Share of the variance of one number that the labels of the pictures explain (η²): 0 if its mean is the same in every
/// class, 1 if it is constant within each class. 0 for a constant.
double share_between_classes(const Responses& responses, const Responses::Output& output, std::size_t place,
                             const pack::Pack& pack);

/// A section for each output of several named values that is of the picture itself (not "class_…", the predicted
/// class's), and one for each feature vector. Named values also get a section of means for each breakdown: PhaNet's
/// weights of the scales by view. Without `pictures` their names are listed instead.
void add_responses(report::Page& page, const Responses& responses, const pack::Pack& pack,
                   const std::vector<score::Breakdown>& by, bool pictures);

}  // namespace mien::report
