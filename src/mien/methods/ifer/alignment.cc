// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/alignment.h"

#include <algorithm>

namespace mien::methods::ifer {
namespace {

constexpr std::int64_t kAnchors = 8, kReferenceRows = 3, kReferencePictures = 2;

/// Cosines of one flattened map with some others: (D) and (M,D) → (M)
at::Tensor cosines(const at::Tensor& anchor, const at::Tensor& others) {
  return at::cosine_similarity(anchor.unsqueeze(0), others, 1);
}

/// Features of one layer: (N,D) float32.
at::Tensor flat(const at::Tensor& map) { return map.flatten(1).to(at::kFloat); }

at::Tensor without(const at::Tensor& x, std::int64_t i, std::int64_t count) {
  return at::cat({x.narrow(0, 0, i), x.narrow(0, i + 1, count - i - 1)});
}

at::Tensor pairwise_rows(const std::vector<at::Tensor>& features, const AlignmentDraw& draw) {
  const auto count = static_cast<std::int64_t>(draw.layers.size());
  std::vector<at::Tensor> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    const at::Tensor f = flat(features[static_cast<std::size_t>(draw.layers[static_cast<std::size_t>(i)])]);
    rows.push_back(cosines(f[i], without(f, i, count)));
  }
  return at::stack(rows);
}

/// The released code compares row k with the rows of other pictures, and fills missing values with zeros.
at::Tensor reference_rows(const std::vector<at::Tensor>& features, const AlignmentDraw& draw) {
  std::vector<at::Tensor> rows;
  for (std::size_t k = 0; k < draw.layers.size(); ++k) {
    const at::Tensor f = flat(features[static_cast<std::size_t>(draw.layers[k])]);
    std::vector<at::Tensor> row;
    for (const std::int64_t other : draw.pictures)
      if (other != draw.pictures[k]) row.push_back(cosines(f[draw.pictures[k]], f[other].unsqueeze(0)));
    while (row.size() + 1 < draw.layers.size()) row.push_back(at::zeros({1}, f.options()));
    rows.push_back(at::cat(row));
  }
  return at::stack(rows);
}

at::Tensor all_rows(const std::vector<at::Tensor>& features, const AlignmentDraw& draw) {
  const auto count = static_cast<std::int64_t>(draw.layers.size());
  std::vector<at::Tensor> rows;
  for (const auto& map : features) {
    const at::Tensor f = flat(map);
    for (std::int64_t i = 0; i < count; ++i) rows.push_back(cosines(f[i], without(f, i, count)));
  }
  return at::stack(rows);
}

at::Tensor similarity_rows(Alignment form, const std::vector<at::Tensor>& features, const AlignmentDraw& draw) {
  switch (form) {
    case Alignment::pairwise:
      return pairwise_rows(features, draw);
    case Alignment::reference:
      return reference_rows(features, draw);
    case Alignment::all:
      return all_rows(features, draw);
  }
  return {};
}

std::vector<std::int64_t> uniform(std::int64_t count, std::int64_t below) {
  const at::Tensor drawn = torch::randint(below, {count}, at::kLong);
  return {drawn.const_data_ptr<std::int64_t>(), drawn.const_data_ptr<std::int64_t>() + count};
}

}  // namespace

AlignmentDraw draw_alignment(Alignment form, std::int64_t n, std::int64_t layers) {
  if (form == Alignment::reference)
    return {uniform(kReferenceRows, layers), uniform(kReferenceRows, std::min(n, kReferencePictures))};
  return {uniform(std::min(n, kAnchors), layers), {}};
}

AlignmentRows alignment_rows(Alignment form, const std::vector<at::Tensor>& source,
                             const std::vector<at::Tensor>& target, const AlignmentDraw& draw) {
  std::vector<at::Tensor> fixed;
  for (const auto& map : source) fixed.push_back(map.detach());
  return {at::softmax(similarity_rows(form, fixed, draw), 1), at::softmax(similarity_rows(form, target, draw), 1)};
}

at::Tensor alignment_loss(Alignment form, const std::vector<at::Tensor>& source, const std::vector<at::Tensor>& target,
                          const AlignmentDraw& draw) {
  if (target.front().size(0) < 2) return at::zeros({}, target.front().options().dtype(at::kFloat));
  const AlignmentRows rows = alignment_rows(form, source, target, draw);
  const at::Tensor divergence = rows.source * (rows.source.log() - rows.target.log());
  return form == Alignment::all ? divergence.sum(1).mean() : divergence.mean();
}

}  // namespace mien::methods::ifer
