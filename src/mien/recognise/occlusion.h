// SPDX-License-Identifier: Apache-2.0
// Which part of the face a prediction depends on, measured with the network itself (Zeiler and Fergus 2014,
// section 4.2): cover a square and measure the decrease of the probability. Works with every model file.
#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <vector>

#include "mien/runtime/expression_model.h"

namespace mien::recognise {

inline constexpr int kOcclusionCells = 12;        ///< per side of the crop
inline constexpr double kOcclusionSquare = 0.25;  ///< side of the covered square, as a fraction of the crop's

/// Cells × cells, rows from the top. Cell i is centred at (i + 0.5) / kOcclusionCells of the crop's side.
struct OcclusionMap {
  std::size_t target = 0;  ///< the class whose probability is measured
  /// Decrease of its log-odds log(p / (1 - p)) when the square around the cell is covered; negative: they increase.
  /// Log-odds, because a probability near 1 hardly changes when something is covered.
  std::vector<float> values;
  float probability = 0, least = 0;  ///< of the target: uncovered, and with the worst position covered
};

/// Cell (x, y) of the grid over a square of `side` pixels: the square to be covered about it, not clipped.
cv::Rect covered_square(int cell_x, int cell_y, int side);
/// The grey that the card's scaling turns into 0.
cv::Scalar neutral_grey(const face::InputSpec& spec);
/// log(p / (1 - p)), p kept 1e-6 away from 0 and 1.
double log_odds(double p);

/// `crop` as the network sees it: side × side, 1 or 3 channels. The square is filled with the grey that the card's
/// scaling turns into 0.
OcclusionMap occlusion_map(runtime::ExpressionSession& session, const face::ModelCard& card, const cv::Mat& crop,
                           std::size_t target, bool flip);

}  // namespace mien::recognise
