// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/face_finder.h"

#include <array>
#include <chrono>
#include <future>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/detect/blazeface_detector.h"
#include "mien/detect/centerface_detector.h"
#include "mien/runtime/assets.h"

namespace mien::detect {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"blazeface-short", "blazeface-full", "blazeface", "centerface"};

std::vector<const char*> files_of(DetectorKind kind) {
  constexpr const char *kShort = "models/blazeface_short.tflite", *kFull = "models/blazeface_full.tflite";
  switch (kind) {
    case DetectorKind::blazeface_short:
      return {kShort};
    case DetectorKind::blazeface_full:
      return {kFull};
    case DetectorKind::blazeface:
      return {kShort, kFull};
    case DetectorKind::centerface:
      return {"models/centerface.onnx"};
  }
  return {};
}

std::unique_ptr<image::FaceDetector> make_detector(const FaceFinderModels& models) {
  const FaceFinderOptions& o = models.options;
  const float min_score = o.min_score > 0 ? o.min_score : 0.5f;
  if (o.detector == DetectorKind::centerface)
    return std::make_unique<CenterFaceDetector>(
        models.detectors.front(),
        CenterFaceDetector::Options{min_score, o.detail > 0 ? o.detail : CenterFaceDetector::Options{}.long_side});
  const bool is_both = o.detector == DetectorKind::blazeface;
  const runtime::Model* close = o.detector != DetectorKind::blazeface_full ? &models.detectors.front() : nullptr;
  const runtime::Model* full = o.detector != DetectorKind::blazeface_short ? &models.detectors.back() : nullptr;
  return std::make_unique<BlazeFaceDetector>(close, full,
                                             BlazeFaceDetector::Options{min_score, !is_both       ? 0
                                                                                   : o.detail > 0 ? o.detail
                                                                                                  : 640});
}

double ms_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

DetectorKind detector_kind(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<DetectorKind>(i);
  fail_usage(text("Unknown detector ", quote(name), "."), did_you_mean(name, {kNames.begin(), kNames.end()}));
}

std::string_view to_string(DetectorKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

FaceFinderModels FaceFinderModels::load(const FaceFinderOptions& options) {
  FaceFinderModels models;
  models.options = options;
  runtime::ModelOptions network{options.precision, options.threads, options.streams, true, {}};
  auto start = [](const char* file, runtime::ModelOptions how) {
    return std::async(std::launch::async,
                      [file, how] { return runtime::Model::load(runtime::require_asset(file), how); });
  };
  std::future<runtime::Model> mesh;
  if (options.refine) mesh = start("models/face_mesh.tflite", network);
  if (options.detector == DetectorKind::centerface) network.input_shape = CenterFaceDetector::input_shape();
  std::vector<std::future<runtime::Model>> detectors;
  for (const char* file : files_of(options.detector)) detectors.push_back(start(file, network));
  for (auto& detector : detectors) models.detectors.push_back(detector.get());
  if (options.refine) models.mesh = mesh.get();
  return models;
}

FaceFinder::FaceFinder(const FaceFinderModels& models) : detector_(make_detector(models)) {
  if (models.mesh) mesh_ = std::make_unique<FaceMesh>(*models.mesh);
}

std::string FaceFinder::name() const { return detector_->name(); }

std::vector<face::Detection> FaceFinder::detect(const image::Image& image) {
  const auto begin = std::chrono::steady_clock::now();
  auto found = detector_->detect(image);
  for (auto& d : found)  // the landmarks keep what the detector guesses beyond the edge
    d.box = face::clip(d.box, static_cast<float>(image.cols), static_cast<float>(image.rows));
  std::erase_if(found, [](const auto& d) { return d.box.area() <= 0; });
  detect_ms_ = ms_since(begin);
  const auto middle = std::chrono::steady_clock::now();
  if (mesh_)
    for (auto& d : found) {
      const auto refined = mesh_->refine(image, *d.landmarks);
      if (refined && refined->score >= FaceMesh::kMinScore) d.landmarks = refined->landmarks;
    }
  landmarks_ms_ = ms_since(middle);
  return found;
}

}  // namespace mien::detect
