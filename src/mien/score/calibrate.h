// SPDX-License-Identifier: Apache-2.0
// Calibration of a trained network on validation data: the temperature, then the confidence that guarantees each risk.
// The meaning and limits of calibration: docs/calibration.md.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mien/face/calibration.h"
#include "mien/score/detection.h"
#include "mien/score/evaluate.h"

namespace mien::score {

struct CalibrateOptions {
  pack::Split split = pack::Split::valid;
  double temperature_before = 1;  ///< the model's current temperature: the "before" of the figures
  bool flip = false;              ///< whether the predictor averages over mirror images; recorded in the calibration
  bool test = false;              ///< also figures before and after on the test part
  double level = 0.95;
  std::string command;    ///< as typed, for the record
  ProgressSink progress;  ///< may be empty
};

/// Pictures of one kind, and what the network answers for them.
struct CalibrationSet {
  Predictor predictor;
  const pack::Pack& pack;
};

/// Figures of one part, with the old and the new temperature.
struct BeforeAfter {
  std::string data_set, split;
  std::size_t samples = 0;
  double ece_before = 0, ece_after = 0, nll_before = 0, nll_after = 0;
};

struct CalibrationResult {
  double temperature = 1;
  face::Calibration calibration;     ///< with its complete record
  std::vector<BeforeAfter> figures;  ///< of the split of each set, then of their test parts on request
};

/// With several sets, the temperature fits all of them (each set counts the same), and the risks hold on each. Throws
/// usage for a split that must not be used for the fit, with the reason; otherwise throws like evaluate() and
/// fit_temperature().
CalibrationResult calibrate(std::span<const CalibrationSet> sets, const std::vector<std::string>& predictor_classes,
                            const CalibrateOptions& options);

/// For a detector: the smallest score of reported boxes, chosen for the largest F1 of found faces on the split. Classes
/// do not count, the temperature stays 1. Throws like calibrate(); bad_input if no box of the split hits a face.
CalibrationResult calibrate_boxes(const BoxPredictor& predictor, const std::vector<std::string>& predictor_classes,
                                  const pack::Pack& pack, const CalibrateOptions& options);

/// Throws usage unless the split may be used for the fit.
void check_split(pack::Split split);

/// The contract of `mien calibrate --json` (docs/formats.md), without model and file.
Json to_json(const CalibrationResult& result);
std::string to_text(const CalibrationResult& result);

}  // namespace mien::score
