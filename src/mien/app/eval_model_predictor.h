// SPDX-License-Identifier: Apache-2.0
// An exported model as a predictor for eval.
#pragma once

#include "mien/report/responses.h"
#include "mien/runtime/expression_model.h"
#include "mien/score/detection.h"
#include "mien/score/predictions.h"

namespace mien::app {

/// Throws bad_input if the pack's pictures have other channels than the model's. The pack must outlive the function.
/// `flip`: mean over each picture and its mirror image. `responses`, which must also outlive the function, gets the
/// further outputs of the model.
score::Predictor make_predictor(const runtime::ExpressionModel& model, const pack::Pack& pack, bool flip,
                                report::Responses* responses = nullptr);
/// The same for a detector.
score::BoxPredictor make_box_predictor(const runtime::ExpressionModel& model, const pack::Pack& pack);

}  // namespace mien::app
