// SPDX-License-Identifier: Apache-2.0
// Distribution alignment: the features of the encoder should resemble each other in the same pattern as those of the
// generator (card 3, DA).
#pragma once

#include <array>
#include <vector>

#include "mien/nn/torch.h"

namespace mien::methods::ifer {

enum class Alignment {
  pairwise,   ///< one layer per anchor, the anchor against all others
  reference,  ///< the released code: three rows over the first two pictures only
  all,        ///< every layer, every anchor, the divergence summed over each row
};
constexpr auto words_of(Alignment) { return std::array{"pairwise", "reference", "all"}; }

/// The layer of each row, and for `reference` the picture.
struct AlignmentDraw {
  std::vector<std::int64_t> layers, pictures;
};
/// Uniform draws for a batch of n pictures, from LibTorch's default generator. At most eight anchors.
AlignmentDraw draw_alignment(Alignment form, std::int64_t n, std::int64_t layers);

/// Rows of the softmax over cosines, source and target.
struct AlignmentRows {
  at::Tensor source, target;
};
AlignmentRows alignment_rows(Alignment form, const std::vector<at::Tensor>& source,
                             const std::vector<at::Tensor>& target, const AlignmentDraw& draw);

/// KL(source ‖ target), a scalar: for `pairwise` and `reference` the mean over all elements of the rows, for `all` the
/// mean over rows of the sums. source and target: one map (N,...) per layer; the source gets no gradient. 0 for a
/// single picture.
at::Tensor alignment_loss(Alignment form, const std::vector<at::Tensor>& source, const std::vector<at::Tensor>& target,
                          const AlignmentDraw& draw);

}  // namespace mien::methods::ifer
