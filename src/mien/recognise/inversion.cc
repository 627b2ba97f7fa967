// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/inversion.h"

#include <fmt/core.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/recognise/made_picture.h"

namespace mien::recognise {
namespace {

using runtime::OutputMaps;

constexpr const char* kMeanCode = "mean_code";  ///< an output beside the codes that the generator does not take
constexpr const char* kCodes = "codes";         ///< the one that the mean code can stand for

RecognizerOptions inverting(RecognizerOptions options) {
  options.invert = true;
  return options;
}

/// The face that was found best; the whole picture without a detector.
const RecognizedFace& best_face(const Recognition& recognition, const std::string& origin) {
  check_input(!recognition.faces.empty(), fmt::format("{}: no face was found.", origin),
              "Give a picture with a larger face, or a face crop with --detector none.");
  return recognition.faces.front();
}

/// From a to b: share 0 is a, 1 is b.
std::vector<float> blend(const std::vector<float>& a, const std::vector<float>& b, float share) {
  std::vector<float> out(a.size());
  std::transform(a.begin(), a.end(), b.begin(), out.begin(), [share](float x, float y) { return x + share * (y - x); });
  return out;
}

double squared_difference(const cv::Mat& a, const cv::Mat& b) {
  const double bytes = static_cast<double>(a.total()) * a.channels();
  return cv::norm(a, b, cv::NORM_L2SQR) / bytes / (127.5 * 127.5);
}

}  // namespace

Inverter::Inverter(RecognizerOptions options) : recognizer_(inverting(std::move(options))) {
  for (const auto& output : card().outputs) {
    if (output.kind == face::OutputKind::picture) picture_ = output.name;
    if (output.kind == face::OutputKind::features && output.name != kMeanCode) code_names_.push_back(output.name);
  }
  const std::string file = recognizer_.options().model.string();
  check_input(!picture_.empty() && !code_names_.empty(),
              fmt::format("{}: the model (method {}) has no codes to make a face of.", file, card().method),
              "Train a run of the method ifer and export it with: mien export RUN -o FILE.onnx --with reconstruction.");
  runtime::ModelOptions part;
  part.begin_at = code_names_;
  part.end_at = {picture_};
  part.use_cache = false;  // small, and compiled within moments
  part.threads = recognizer_.options().finder.threads;
  generator_.emplace(runtime::Model::load(recognizer_.options().model, part));
}

InvertedFace Inverter::invert(const image::Image& image, const std::string& origin) {
  const Recognition recognition = recognizer_.recognize(image);
  const Evidence& evidence = *best_face(recognition, origin).evidence;
  InvertedFace face;
  face.inversion = made_picture(evidence.pictures.front(), card().input);
  cv::resize(input_picture(evidence.crop.pixels), face.source, face.inversion.size(), 0, 0, cv::INTER_LINEAR);
  face.l2 = squared_difference(face.source, face.inversion);
  for (const auto& code : evidence.codes) {
    if (code.name == kMeanCode)
      mean_code_ = code.values;
    else
      face.codes.push_back(code);
  }
  return face;
}

std::vector<cv::Mat> Inverter::generate(const std::vector<std::vector<OutputMaps>>& codes) {
  std::vector<cv::Mat> out;
  for (const auto& face : codes) {
    for (std::size_t i = 0; i < face.size(); ++i) {
      runtime::Shape shape = face[i].shape;
      shape.insert(shape.begin(), 1);
      std::copy(face[i].values.begin(), face[i].values.end(), generator_->input(i, shape).begin());
    }
    generator_->run();
    const runtime::TensorView made = generator_->output(picture_);
    out.push_back(
        made_picture({picture_, {made.shape.begin() + 1, made.shape.end()}, {made.values.begin(), made.values.end()}},
                     card().input));
  }
  return out;
}

std::vector<cv::Mat> Inverter::between(const InvertedFace& from, const InvertedFace& to, int steps) {
  std::vector<std::vector<OutputMaps>> all;
  for (int step = 0; step < steps; ++step) {
    const float share = static_cast<float>(step) / static_cast<float>(steps - 1);
    all.push_back(from.codes);
    for (std::size_t i = 0; i < from.codes.size(); ++i)
      all.back()[i].values = blend(from.codes[i].values, to.codes[i].values, share);
  }
  return generate(all);
}

std::vector<cv::Mat> Inverter::to_mean(const InvertedFace& from, int steps) {
  InvertedFace mean = from;
  for (auto& code : mean.codes)
    for (std::size_t i = 0; code.name == kCodes && i < code.values.size(); ++i)
      code.values[i] = mean_code_[i % mean_code_.size()];
  return between(from, mean, steps);
}

cv::Mat strip(const std::vector<cv::Mat>& pictures) {
  cv::Mat out;
  cv::hconcat(pictures, out);
  return out;
}

}  // namespace mien::recognise
