// SPDX-License-Identifier: Apache-2.0
// A method under LibTorch as the function that eval judges.
#pragma once

#include "mien/data/loader.h"
#include "mien/eval/evaluate.h"
#include "mien/model/method.h"

namespace mien::train {

struct PredictorOptions {
  at::Device device = at::kCPU;
  bool bfloat16 = false;
  bool channels_last = false;
  bool flip = false;  ///< mean of the logits of a picture and its mirror image
};

/// Both arguments must outlive the function.
eval::Predictor make_predictor(model::Method& method, const pack::Pack& pack, PredictorOptions options);

}  // namespace mien::train
