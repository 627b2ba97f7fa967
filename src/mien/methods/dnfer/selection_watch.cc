// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dnfer/selection_watch.h"

namespace mien::methods::dnfer {
namespace {

enum Column { summed, seen, judged, clean, right, right_clean, num_columns };

}  // namespace

SelectionWatch::SelectionWatch(std::int64_t num_classes, bool two_views) : views_{"weak"} {
  if (two_views) views_.emplace_back("strong");
  const auto v = static_cast<std::int64_t>(views_.size());
  sums_ = at::zeros({v, num_classes}, at::kDouble);
  counts_ = at::zeros({v, num_columns}, at::kDouble);
}

void SelectionWatch::add_probabilities(std::int64_t view, const at::Tensor& p) {
  sums_.select(0, view).add_(p.to(at::kDouble).sum(0));
  counts_.select(0, view).select(0, summed).add_(p.size(0));
}

at::Tensor SelectionWatch::running_thresholds(std::int64_t view) const {
  return (sums_.select(0, view) / counts_.select(0, view).select(0, summed)).to(at::kFloat);
}

void SelectionWatch::add(std::int64_t view, const Selection& s, const at::Tensor& labels,
                         const at::Tensor& true_labels) {
  at::Tensor row = at::zeros({num_columns}, counts_.options());
  const auto put = [&](Column column, const at::Tensor& mask) { row.select(0, column).copy_(mask.sum()); };
  row.select(0, seen).fill_(labels.size(0));
  put(clean, s.clean);
  if (true_labels.defined()) {
    const at::Tensor is_right = true_labels == labels;
    row.select(0, judged).fill_(labels.size(0));
    put(right, is_right);
    put(right_clean, is_right & s.clean);
  }
  counts_.select(0, view).add_(row);
}

Json SelectionWatch::record(const std::vector<std::string>& classes) const {
  Json out = Json::object();
  for (std::size_t v = 0; v < views_.size(); ++v) {
    const at::Tensor row = counts_[static_cast<std::int64_t>(v)].cpu(),
                     thresholds = running_thresholds(static_cast<std::int64_t>(v)).cpu();
    const auto count = [&](Column column) { return row[column].item<double>(); };
    const auto put = [&](const char* name, Column part, double whole) {
      if (whole > 0) out[name][views_[v]] = count(part) / whole;
    };
    if (count(seen) == 0) continue;
    put("clean_share", clean, count(seen));
    for (std::size_t c = 0; c < classes.size(); ++c)
      out["thresholds_" + views_[v]][classes[c]] = thresholds[static_cast<std::int64_t>(c)].item<float>();
    if (count(judged) == 0) continue;
    out["right_share"] = count(right) / count(judged);
    put("clean_precision", right_clean, count(clean));
    put("clean_recall", right_clean, count(right));
  }
  return out;
}

void SelectionWatch::clear() {
  sums_.zero_();
  counts_.zero_();
}

}  // namespace mien::methods::dnfer
