// SPDX-License-Identifier: Apache-2.0
// A method under LibTorch as a predictor for eval.
#pragma once

#include "mien/batch/loader.h"
#include "mien/method/method.h"
#include "mien/score/detection.h"
#include "mien/score/evaluate.h"

namespace mien::train {

struct PredictorOptions {
  at::Device device = at::kCPU;
  bool bfloat16 = false;
  bool channels_last = false;
  bool flip = false;  ///< mean of the logits of a picture and its mirror image
};

/// Both arguments must outlive the function.
score::Predictor make_predictor(method::Method& method, const pack::Pack& pack, PredictorOptions options);
/// The same for a method with Prediction::detections; `flip` has no effect.
score::BoxPredictor make_box_predictor(method::Method& method, const pack::Pack& pack, PredictorOptions options);

}  // namespace mien::train
