// SPDX-License-Identifier: Apache-2.0
#include "mien/score/predictions.h"

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/face/prediction.h"

namespace mien::score {

std::vector<std::size_t> match_classes(const std::vector<std::string>& predictor,
                                       const std::vector<std::string>& pack) {
  std::vector<std::size_t> column_to_class;
  for (const auto& name : predictor) {
    const auto at = std::find(pack.begin(), pack.end(), name);
    if (at == pack.end() || predictor.size() != pack.size())
      fail_input(
          text("The model's classes (", join(predictor, ", "), ") are not the data set's (", join(pack, ", "), ")."),
          "Pack the data set with the model's classes.");
    column_to_class.push_back(static_cast<std::size_t>(at - pack.begin()));
  }
  return column_to_class;
}

void for_each_prediction(const Predictor& predictor, const std::vector<std::string>& predictor_classes,
                         const pack::Pack& pack, pack::Split split, const PredictionOptions& options,
                         const std::function<void(std::uint32_t, std::span<const float>)>& visit) {
  const auto indices = pack.indices(split);
  check_input(!indices.empty(), text(pack.path().string(), ": the ", to_string(split), " part is empty."),
              "Choose another --split.");
  const auto column_to_class = match_classes(predictor_classes, pack.info().classes);
  const std::size_t k = column_to_class.size();
  std::vector<float> probability(k);
  for (std::size_t begin = 0; begin < indices.size(); begin += options.batch_size) {
    const auto batch = std::span(indices).subspan(begin, std::min(options.batch_size, indices.size() - begin));
    const auto logits = predictor(batch);
    check_input(logits.size() == batch.size() * k, "The predictor returned the wrong number of logits.");
    const bool finite = std::all_of(logits.begin(), logits.end(), [](float v) { return std::isfinite(v); });
    check_input(finite, "The model gives logits that are not finite numbers.",
                "Its weights may be damaged, or its training diverged.");
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto& sample = pack.sample(batch[i]);
      check_input(sample.label >= 0,
                  text(pack.path().string(), ": ", sample.source, " has no label; evaluation needs one."));
      const auto by_column = face::softmax(std::span(logits).subspan(i * k, k), options.temperature);
      for (std::size_t column = 0; column < k; ++column) probability[column_to_class[column]] = by_column[column];
      visit(batch[i], probability);
    }
    if (options.progress)
      options.progress(
          {"evaluate", static_cast<std::int64_t>(begin + batch.size()), static_cast<std::int64_t>(indices.size()), ""});
  }
}

}  // namespace mien::score
