// SPDX-License-Identifier: Apache-2.0
#include "mien/score/predictions.h"

#include <fmt/core.h>

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
      fail_input(fmt::format("The model's classes ({}) differ from those of the data set ({}).", join(predictor, ", "),
                             join(pack, ", ")),
                 "Pack the data set with the model's classes.");
    column_to_class.push_back(static_cast<std::size_t>(at - pack.begin()));
  }
  return column_to_class;
}

namespace {

std::size_t position_of(const std::vector<std::string>& classes, const std::string& name) {
  return static_cast<std::size_t>(std::find(classes.begin(), classes.end(), name) - classes.begin());
}

/// "train and test"
std::string filled_parts(const pack::Pack& pack) {
  std::vector<std::string> parts;
  for (const auto split : {pack::Split::train, pack::Split::valid, pack::Split::test})
    if (!pack.indices(split).empty()) parts.emplace_back(to_string(split));
  return parts.empty() ? "no pictures" : join(parts, " and ");
}

/// Predictor column → joint class, after checking that the predictor can be evaluated on these pictures.
std::vector<std::size_t> columns_in_joint(const std::vector<std::string>& predictor, const pack::Pack& pack,
                                          const std::vector<std::string>& joint,
                                          std::span<const std::uint32_t> indices) {
  const auto& own = pack.info().classes;
  const std::string both = fmt::format("The model's classes are {}; those of {} are {}", join(predictor, ", "),
                                       pack.path().string(), join(own, ", "));
  check_input(predictor.size() + own.size() >= joint.size() + 2, both + ".",
              "Give a data set with the model's classes.");
  std::vector<std::size_t> pictures(own.size());
  for (const auto i : indices)
    if (pack.sample(i).label >= 0) ++pictures[static_cast<std::size_t>(pack.sample(i).label)];
  for (std::size_t c = 0; c < own.size(); ++c) {
    const bool is_known = position_of(predictor, own[c]) < predictor.size();
    check_input(
        is_known || pictures[c] == 0,
        fmt::format("{}: {} pictures have the class {}, which the model does not know.", both, pictures[c], own[c]),
        "Pack the data set with --classes and the classes of the model.");
  }
  std::vector<std::size_t> column_to_class;
  for (const auto& name : predictor) column_to_class.push_back(position_of(joint, name));
  return column_to_class;
}

}  // namespace

std::vector<std::string> joint_classes(const std::vector<std::string>& predictor_classes, const pack::Pack& pack) {
  std::vector<std::string> joint = pack.info().classes;
  for (const auto& name : predictor_classes)
    if (position_of(joint, name) == joint.size()) joint.push_back(name);
  return joint;
}

void for_each_prediction(const Predictor& predictor, const std::vector<std::string>& predictor_classes,
                         const pack::Pack& pack, pack::Split split, const PredictionOptions& options,
                         const std::function<void(std::uint32_t, std::span<const float>)>& visit) {
  const auto indices = pack.indices(split);
  check_input(!indices.empty(), fmt::format("{}: the {} part is empty.", pack.path().string(), to_string(split)),
              fmt::format("It has {}: choose with --split.", filled_parts(pack)));
  const auto joint = joint_classes(predictor_classes, pack);
  const auto column_to_class = columns_in_joint(predictor_classes, pack, joint, indices);
  const std::size_t k = column_to_class.size();
  std::vector<float> probability(joint.size());
  for (std::size_t begin = 0; begin < indices.size(); begin += options.batch_size) {
    const auto batch = std::span(indices).subspan(begin, std::min(options.batch_size, indices.size() - begin));
    const auto logits = predictor(batch);
    check_input(logits.size() == batch.size() * k, "The predictor returned the wrong number of logits.");
    const bool finite = std::all_of(logits.begin(), logits.end(), [](float v) { return std::isfinite(v); });
    check_input(finite, "The model returned logits that are not finite numbers.",
                "Its weights may be damaged, or its training may have diverged.");
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto& sample = pack.sample(batch[i]);
      check_input(sample.label >= 0,
                  fmt::format("{}: {} has no label, which evaluation needs.", pack.path().string(), sample.source));
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
