// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/quality.h"

#include <fmt/core.h>

#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace mien::recognise {
namespace {

/// Sharpness below this. Of 600 FER+ faces, 99 % are above 0.23; blurred by a Gaussian of 1.5 px, 95 % are below 0.04.
constexpr double kBlurred = 0.04;
constexpr double kFlat = 6 * 6;      ///< variance of grey values below this: nothing to see
constexpr float kCutOff = 0.10f;     ///< share of the crop outside the picture
constexpr double kSmallFace = 0.75;  ///< picture pixels per crop pixel below this
constexpr double kTurned = 30;       ///< degrees; heads held upright stay well below

}  // namespace

double sharpness(const cv::Mat& crop) {
  cv::Mat grey = crop, laplacian;
  if (crop.channels() == 3) cv::cvtColor(crop, grey, cv::COLOR_RGB2GRAY);
  cv::Laplacian(grey, laplacian, CV_32F, 1, 1, 0, cv::BORDER_REPLICATE);
  cv::Scalar mean, deviation, fine_mean, fine_deviation;
  cv::meanStdDev(grey, mean, deviation);
  cv::meanStdDev(laplacian, fine_mean, fine_deviation);
  const double variance = deviation[0] * deviation[0];
  return variance > 0 ? fine_deviation[0] * fine_deviation[0] / variance : 0;
}

std::vector<std::string> notes_on(const image::Crop& crop, int trained_side) {
  std::vector<std::string> notes;
  const bool is_small = crop.face_side_px < kSmallFace * trained_side;
  if (is_small)
    notes.push_back(fmt::format("small: {} px wide, trained on {}", std::lround(crop.face_side_px), trained_side));
  if (crop.outside > kCutOff)
    notes.push_back(fmt::format("cut off: {} % outside the picture", std::lround(100 * crop.outside)));
  cv::Scalar mean, deviation;
  cv::meanStdDev(crop.pixels, mean, deviation);
  if (deviation[0] * deviation[0] < kFlat)
    notes.push_back("flat: almost no contrast");
  else if (!is_small && sharpness(crop.pixels) < kBlurred)  // an enlarged face is smooth anyway
    notes.push_back("blurred");
  return notes;
}

std::string note_on_turn(const face::Landmarks& landmarks) {
  const double degrees =
      std::atan2(landmarks.right_eye.y - landmarks.left_eye.y, landmarks.right_eye.x - landmarks.left_eye.x) * 180 /
      std::numbers::pi;
  if (!(std::abs(degrees) > kTurned)) return "";
  const long whole = std::lround(std::abs(degrees));
  if (whole > 170) return "turned: upside down";
  return fmt::format("turned: {}{}", whole, degrees > 0 ? " degrees clockwise" : " degrees counter-clockwise");
}

}  // namespace mien::recognise
