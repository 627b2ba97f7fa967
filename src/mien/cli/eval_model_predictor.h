// SPDX-License-Identifier: Apache-2.0
// An exported model as the function that eval judges.
#pragma once

#include "mien/eval/evaluate.h"
#include "mien/runtime/expression_model.h"

namespace mien::cli {

/// Throws bad_input where the pack's pictures have other channels than the model's. The pack must outlive the function.
/// `flip`: mean over each picture and its mirror image.
eval::Predictor make_predictor(const runtime::ExpressionModel& model, const pack::Pack& pack, bool flip);

}  // namespace mien::cli
