// SPDX-License-Identifier: Apache-2.0
// A face as a generative model inverts it, and faces between two codes: the generator inside an exported file, run on
// its own.
#pragma once

#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mien/recognise/recognizer.h"

namespace mien::recognise {

/// The best face of a picture.
struct InvertedFace {
  cv::Mat source, inversion;               ///< B,G,R, of the network's input size
  std::vector<runtime::OutputMaps> codes;  ///< those that the generator takes
  double l2 = 0;                           ///< mean squared difference of both, of values in -1..1
};

class Inverter {
 public:
  /// Throws as Recognizer; bad_input where the model has no picture or no codes.
  explicit Inverter(RecognizerOptions options);

  /// Throws bad_input, naming `origin`, where no face is found.
  InvertedFace invert(const image::Image& image, const std::string& origin);
  /// Pictures from the first face to the second in equal steps of codes, both ends included; `steps` of 2 or more.
  std::vector<cv::Mat> between(const InvertedFace& from, const InvertedFace& to, int steps);
  /// The same with the generator's mean code; the structure code stays that of `from`.
  std::vector<cv::Mat> to_mean(const InvertedFace& from, int steps);

  const face::ModelCard& card() const { return recognizer_.card(); }

 private:
  std::vector<cv::Mat> generate(const std::vector<std::vector<runtime::OutputMaps>>& codes);

  Recognizer recognizer_;
  std::string picture_;                  ///< the output
  std::vector<std::string> code_names_;  ///< of the generator's inputs
  std::optional<runtime::Session> generator_;
  std::vector<float> mean_code_;
};

/// Pictures of one size from left to right.
cv::Mat strip(const std::vector<cv::Mat>& pictures);

}  // namespace mien::recognise
