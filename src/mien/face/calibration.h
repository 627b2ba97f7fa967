// SPDX-License-Identifier: Apache-2.0
// The result of calibration on validation data (docs/calibration.md): the confidence that predictions need in order to
// guarantee a chosen risk. The temperature, fitted at the same time, is next to it in the card.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/base/json.h"

namespace mien::face {

/// Predictions with at least this confidence are wrong in at most `risk` of the cases, with Calibration::level.
struct RiskThreshold {
  double risk = 1;           ///< upper bound, 0..1
  double threshold = 0;      ///< smallest confidence (largest probability, after the temperature) of a prediction
  double coverage = 1;       ///< share of the validation pictures that are answered
  double measured_risk = 0;  ///< share of wrong predictions among them
  bool is_sure(float confidence) const { return confidence >= threshold; }
};

struct Calibration {
  double level = 0.95;               ///< probability that all rows of the table hold at the same time
  bool flip = false;                 ///< measured on the mean of each picture and its mirror image
  std::vector<RiskThreshold> table;  ///< ascending risk, descending threshold; may be empty
  double score_limit = 0;            ///< of a detector: boxes with a lower score are left out; 0: not measured
  Json record = Json::object();      ///< data set, its hash, split, pictures, command, figures before and after
};

/// "FER+, web pictures": the data sets that it was measured on; "not specified" for none.
std::string data_sets_of(const Calibration& calibration);

/// {record…, "flip", "score_limit"?, "abstain": {"bound", "level", "table": [{"risk", "threshold", "coverage",
/// "measured_risk"}…]}}
Json to_json(const Calibration& calibration);
/// Throws bad_input if a field is missing, out of range or out of order.
Calibration calibration_from_json(const Json& json, const std::string& origin);

/// The lowest threshold of the table that guarantees `risk`. Throws missing if the model is not calibrated, or cannot
/// guarantee this risk; usage if the table was measured with another `flip`. `model` names the model in messages.
RiskThreshold threshold_for(const std::optional<Calibration>& calibration, double risk, bool flip,
                            const std::string& model);
/// "0.05" and "5%" are 0.05. Throws usage for values that are not between 0 and 1.
double parse_risk(std::string_view words);

}  // namespace mien::face
