// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/assignment.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

constexpr double kCentreRadius = 2.5;  // in strides
constexpr std::int64_t kLargest = 10;  // number of overlaps whose sum gives the number of a face's cells

struct Places {
  at::Tensor in_box, in_centre;  ///< (G,A) bool
};

Places places_of(const Cells& cells, const at::Tensor& faces) {
  const at::Tensor x = (cells.x + 0.5) * cells.stride, y = (cells.y + 0.5) * cells.stride;
  const auto column = [&](std::int64_t i) { return faces.select(1, i).unsqueeze(1); };
  const at::Tensor dx = (x.unsqueeze(0) - column(0)).abs(), dy = (y.unsqueeze(0) - column(1)).abs();
  const at::Tensor reach = cells.stride.unsqueeze(0) * kCentreRadius;
  // Each side separately, because the rounding of |x - centre| < w/2 would differ at the border.
  const at::Tensor in_box = (x - (column(0) - column(2) * 0.5) > 0) & (column(0) + column(2) * 0.5 - x > 0) &
                            (y - (column(1) - column(3) * 0.5) > 0) & (column(1) + column(3) * 0.5 - y > 0);
  return {in_box, (dx < reach) & (dy < reach)};
}

/// Chosen (G,A'): the k_g cheapest candidates of each face; a cell that several faces chose keeps the cheapest of all.
at::Tensor choose(const at::Tensor& cost, const at::Tensor& k) {
  at::Tensor chosen = at::zeros_like(cost, at::kBool);
  const at::Tensor order = std::get<1>(cost.sort(std::optional<bool>(true), 1, /*descending=*/false));
  for (std::int64_t g = 0; g < cost.size(0); ++g)
    chosen[g].index_fill_(0, order[g].slice(0, 0, k[g].item<std::int64_t>()), true);
  const at::Tensor contested = chosen.sum(0) > 1;
  at::Tensor only_cheapest = at::zeros_like(chosen);
  only_cheapest.scatter_(0, cost.argmin(0, /*keepdim=*/true), true);
  return at::where(contested.unsqueeze(0), only_cheapest, chosen);
}

}  // namespace

at::Tensor pairwise_iou(const at::Tensor& a, const at::Tensor& b) {
  const auto corners = [](const at::Tensor& boxes) {
    const at::Tensor centre = boxes.narrow(-1, 0, 2), half = boxes.narrow(-1, 2, 2) * 0.5;
    return std::pair{centre - half, centre + half};
  };
  const auto [low_a, high_a] = corners(a);
  const auto [low_b, high_b] = corners(b);
  const at::Tensor low = at::maximum(low_a.unsqueeze(1), low_b.unsqueeze(0));
  const at::Tensor high = at::minimum(high_a.unsqueeze(1), high_b.unsqueeze(0));
  const at::Tensor meets = (low < high).all(-1);
  const at::Tensor common = (high - low).prod(-1) * meets;
  const at::Tensor area_a = a.select(-1, 2) * a.select(-1, 3), area_b = b.select(-1, 2) * b.select(-1, 3);
  const at::Tensor all = area_a.unsqueeze(1) + area_b.unsqueeze(0) - common;
  return at::where(all > 0, common / all, at::zeros_like(all));
}

at::Tensor assignment_cost(const at::Tensor& ious, const at::Tensor& objectness, const at::Tensor& classes,
                           const at::Tensor& labels, const at::Tensor& inside) {
  const std::int64_t faces = ious.size(0), cells = ious.size(1), num_classes = classes.size(1);
  const at::Tensor probability = at::sqrt(at::sigmoid(classes) * at::sigmoid(objectness).unsqueeze(1));
  const at::Tensor target =
      at::one_hot(labels, num_classes).to(at::kFloat).unsqueeze(1).expand({faces, cells, num_classes});
  const at::Tensor of_class =
      at::binary_cross_entropy(probability.unsqueeze(0).expand_as(target), target, {}, at::Reduction::None).sum(-1);
  return of_class + 3 * -at::log(ious + 1e-8) + 100000 * inside.logical_not();
}

Assignment assign(const at::Tensor& boxes, const at::Tensor& objectness, const at::Tensor& classes, const Cells& cells,
                  const at::Tensor& faces) {
  const torch::NoGradGuard no_grad;
  const auto none = [&](at::ScalarType type) { return at::empty({0}, boxes.options().dtype(type)); };
  const Assignment nothing{none(at::kLong), none(at::kLong), none(at::kFloat), none(at::kLong), faces.size(0)};
  if (faces.size(0) == 0) return nothing;
  const Places places = places_of(cells, faces);
  const at::Tensor candidates = (places.in_box | places.in_centre).any(0).nonzero().squeeze(1);
  if (candidates.size(0) == 0) return nothing;
  const auto at_candidates = [&](const at::Tensor& t, std::int64_t dim) { return t.index_select(dim, candidates); };
  const at::Tensor ious = pairwise_iou(faces.narrow(1, 0, 4), at_candidates(boxes.detach().to(at::kFloat), 0));
  const at::Tensor cost = assignment_cost(
      ious, at_candidates(objectness.detach().to(at::kFloat), 0), at_candidates(classes.detach().to(at::kFloat), 0),
      faces.select(1, 4).to(at::kLong), at_candidates(places.in_box & places.in_centre, 1));
  const std::int64_t largest = std::min(kLargest, candidates.size(0));
  const at::Tensor k = std::get<0>(ious.topk(largest, 1)).sum(1).to(at::kLong).clamp_min(1);  // truncated
  const at::Tensor chosen = choose(cost, k);
  const at::Tensor taken = chosen.any(0).nonzero().squeeze(1);
  const at::Tensor gts = chosen.index_select(1, taken).to(at::kInt).argmax(0);
  return {candidates.index_select(0, taken), gts, ious.index({gts, taken}), k,
          faces.size(0) - chosen.any(1).sum().item<std::int64_t>()};
}

}  // namespace mien::methods::fer_yolo_mamba
