// SPDX-License-Identifier: Apache-2.0
#include "mien/app/data_detector.h"

#include <fmt/core.h>

#include <filesystem>
#include <memory>

#include "mien/app/choice_type.h"
#include "mien/app/detector_option.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/detect/face_finder.h"
#include "mien/runtime/assets.h"
#include "mien/runtime/expression_model.h"

namespace mien::app {
namespace {

detect::FaceFinderOptions finder_options(const DetectorArguments& a) {
  detect::FaceFinderOptions options;
  if (!a.detector.empty()) options.detector = detect::detector_kind(a.detector);
  options.threads = 1;  // pictures run in parallel
  return options;
}

/// "320x256"
pack::PictureSize picture_size(const std::string& words) {
  const auto parts = split(lower(words), 'x');
  const auto width = parts.size() == 2 ? parse_int(parts[0]) : std::nullopt;
  const auto height = parts.size() == 2 ? parse_int(parts[1]) : std::nullopt;
  if (!width || !height || *width < 16 || *width > 4096 || *height < 16 || *height > 4096)
    fail_usage(fmt::format("--whole {} is not a size.", quote(words)),
               "Give width and height from 16 to 4096: --whole 320x320");
  return {static_cast<int>(*width), static_cast<int>(*height)};
}

}  // namespace

void DetectorArguments::add_options(CLI::App* command) {
  command->add_flag(
      "--detect", detect,
      "Detect, align and crop the main face of each picture; without this option, each picture is a face crop. With "
      "--whole: its box becomes that of the picture, with the picture's label");
  command->add_option("--detector", detector, "With --detect: face detector (default: " + default_detector() + ")")
      ->type_name(choice_type("NAME", detect::detector_names()));
  command
      ->add_option("--crop-of", crop_of,
                   "With --detect: crop faces as this exported model (.onnx) expects them; default: as in FER+")
      ->type_name("MODEL");
  command
      ->add_option("--whole", whole,
                   "Store whole pictures with the boxes of their faces, scaled to fit between grey borders: 320x320")
      ->type_name("WxH");
  command->add_flag("--landmarks", landmarks, "Estimate 68 landmarks per face if the data set has none");
  command->add_flag("--pose", pose, "Estimate yaw and pitch of the head if the data set has none");
}

void DetectorArguments::validate() const {
  if (!detect && (!detector.empty() || !crop_of.empty()))
    fail_usage("--detector and --crop-of need --detect.", "Add --detect.");
  finder_options(*this);
  if (whole.empty()) return;
  picture_size(whole);
  if (!crop_of.empty()) fail_usage("--whole stores whole pictures, --crop-of crops faces.", "Use only one of them.");
}

void DetectorArguments::apply(dataset::PackOptions& options) const {
  if (!whole.empty()) options.whole = picture_size(whole);
  options.estimate_landmarks = landmarks;
  options.estimate_pose = pose;
  if (landmarks || pose) {
    runtime::ModelOptions network;
    network.threads = 1;  // pictures run in parallel
    const auto mesh = runtime::Model::load(runtime::require_asset("models/face_mesh.tflite"), network);
    options.estimator = [mesh] { return std::make_unique<detect::MeshEstimator>(mesh); };
  }
  if (!detect) return;
  if (!crop_of.empty()) options.crop_rule = runtime::read_card(crop_of).input.crop;
  const auto models = detect::FaceFinderModels::load(finder_options(*this));
  options.detector = [models] { return std::make_unique<detect::FaceFinder>(models); };
}

std::string DetectorArguments::canonical() const {
  std::string out;
  if (detect) {
    const std::string rule = crop_of.empty() ? "" : " --crop-of " + std::filesystem::path(crop_of).filename().string();
    out = fmt::format(" --detect --detector {}{}", to_string(finder_options(*this).detector), rule);
  }
  if (!whole.empty()) out += " --whole " + whole;
  if (landmarks) out += " --landmarks";
  if (pose) out += " --pose";
  return out;
}

}  // namespace mien::app
