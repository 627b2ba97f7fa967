// SPDX-License-Identifier: Apache-2.0
// Input of eval, calibrate and noise-report: an exported model (in mien) or a run (in mien-lab). Each program links
// its own open_subject(), from subject_model.cc or subject_run.cc; the commands are the same code in both.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mien/face/calibration.h"
#include "mien/report/responses.h"
#include "mien/score/detection.h"
#include "mien/score/predictions.h"

namespace mien::app {

enum class SubjectKind { model, run };

struct Subject {
  SubjectKind kind = SubjectKind::model;
  std::string name;  ///< for reports: the model's file, or the run's checkpoint
  std::string data;  ///< the pack: the requested one, otherwise the run's own
  std::vector<std::string> classes;
  double temperature = 1;
  std::optional<face::Calibration> calibration;
  bool finds_boxes = false;
  std::string settings;  ///< the card or the configuration as text

  /// The function that is evaluated. The pack, and `responses` (which gets the model's further outputs; may be null),
  /// must outlive it. `flip`: mean over each picture and its mirror image. Throws bad_input if the pack's pictures have
  /// another number of channels.
  std::function<score::Predictor(const pack::Pack&, bool flip, report::Responses* responses)> predictor;
  /// The same for a detector.
  std::function<score::BoxPredictor(const pack::Pack&)> box_predictor;
  /// Stores a calibration in `output` (a model's own file if empty; a run stores it in itself). Returns its path.
  std::function<std::string(double temperature, const face::Calibration&, const std::string& output)> store_calibration;
};

/// `command` is named in errors. Throws usage for options that do not fit the kind, otherwise like the loaders.
Subject open_subject(const std::string& command, const std::string& model, const std::string& data,
                     const std::string& device);

}  // namespace mien::app
