// SPDX-License-Identifier: Apache-2.0
#include "mien/app/data_detector.h"

#include <filesystem>
#include <memory>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/detect/face_finder.h"
#include "mien/runtime/expression_model.h"

namespace mien::app {
namespace {

detect::FaceFinderOptions finder_options(const DetectorArguments& a) {
  detect::FaceFinderOptions options;
  if (!a.detector.empty()) options.detector = detect::detector_kind(a.detector);
  options.threads = 1;  // pictures run side by side
  return options;
}

}  // namespace

void DetectorArguments::add_options(CLI::App* command) {
  command->add_flag("--detect", detect,
                    "Find, align and cut the main face of each picture; without it each picture is a face crop");
  command->add_option("--detector", detector,
                      "With --detect: centerface, blazeface, blazeface-full or blazeface-short");
  command->add_option(
      "--crop-of", crop_of,
      "With --detect: cut faces as this exported model wants them (.onnx); else as FER+ pictures are cut");
}

void DetectorArguments::validate() const {
  if (!detect && (!detector.empty() || !crop_of.empty()))
    fail_usage("--detector and --crop-of belong to --detect.", "Add --detect.");
  finder_options(*this);
}

void DetectorArguments::apply(dataset::PackOptions& options) const {
  if (!detect) return;
  if (!crop_of.empty()) options.crop_rule = runtime::read_card(crop_of).input.crop;
  const auto models = detect::FaceFinderModels::load(finder_options(*this));
  options.detector = [models] { return std::make_unique<detect::FaceFinder>(models); };
}

std::string DetectorArguments::canonical() const {
  if (!detect) return "";
  const std::string rule = crop_of.empty() ? "" : " --crop-of " + std::filesystem::path(crop_of).filename().string();
  return text(" --detect --detector ", to_string(finder_options(*this).detector), rule);
}

}  // namespace mien::app
