// SPDX-License-Identifier: Apache-2.0
// predict's work: pictures in, results and files out in their order. The program parses and prints.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

#include "mien/base/json.h"
#include "mien/present/explainer.h"
#include "mien/present/picture_report.h"
#include "mien/present/prediction_page.h"
#include "mien/recognise/inputs.h"
#include "mien/recognise/recognition_stream.h"
#include "mien/recognise/recognizer.h"

namespace mien::present {

struct PictureRunOptions {
  std::vector<recognise::Input> inputs;
  recognise::RecognizerOptions recognizer;  ///< with `explain` the evidence is written into `out`, too
  std::filesystem::path out;                ///< for annotated pictures; empty: none are written
  bool page = false;                        ///< keep what page() needs
  bool thumbnails = false;                  ///< faces on the page
};

class PictureRun {
 public:
  /// Loads the networks while the first pictures are decoded. Throws as Recognizer and Explainer.
  explicit PictureRun(PictureRunOptions options);
  PictureRun(const PictureRun&) = delete;
  PictureRun& operator=(const PictureRun&) = delete;

  std::size_t num_pictures() const { return options_.inputs.size(); }
  const recognise::Recognizer& recognizer() const { return *recognizer_; }
  /// The next picture's outcome, its files written; nothing after the last. Throws interrupted, and failed where a file
  /// cannot be written.
  std::optional<PictureReport> next();
  /// Writes explain.html and gives its path; empty without explanations. Call it after the last picture.
  std::filesystem::path finish_explanations();
  /// The results of all pictures; null without PictureRunOptions::page.
  const PicturesPage* page() const { return page_ ? &*page_ : nullptr; }

  double load_ms() const { return load_ms_; }
  double total_ms() const;
  const recognise::StageTimes& times() const { return times_; }
  /// {"load", the stages, "draw", "total"}, milliseconds. The stages of several pictures overlap in time.
  Json timing() const;

 private:
  using Clock = std::chrono::steady_clock;
  void write_files(PictureReport& report, image::Image image);

  Clock::time_point begin_ = Clock::now();
  PictureRunOptions options_;
  std::vector<std::filesystem::path> names_;  ///< of the annotated pictures, by input
  int at_a_time_;                             ///< pictures that are recognized side by side
  recognise::PictureStream pictures_;
  std::optional<recognise::Recognizer> recognizer_;
  std::optional<recognise::RecognitionStream> recognized_;
  std::optional<Explainer> explainer_;
  std::optional<PicturesPage> page_;
  std::size_t num_done_ = 0;
  recognise::StageTimes times_;
  double load_ms_ = 0, draw_ms_ = 0;
};

}  // namespace mien::present
