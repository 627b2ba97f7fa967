// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/face_finder.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <utility>

#include "mien/base/elapsed.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/detect/adaptive_detector.h"
#include "mien/detect/blazeface_detector.h"
#include "mien/detect/centerface_detector.h"
#include "mien/detect/yunet_detector.h"
#include "mien/runtime/assets.h"

namespace mien::detect {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"adaptive",  "centerface",      "yunet",
                                                    "blazeface", "blazeface-short", "blazeface-full"};

/// YuNet's score from which a face is upright and whole, so that its landmarks can be used (docs/results/detectors.md).
constexpr float kSureScore = 0.9f;

/// YuNet's score that hints at a face too small for a glance, and the share of the picture's longer side from
/// which a glance sees a face well (same page).
constexpr float kHint = 0.03f, kLargeShare = 0.25f;

constexpr const char* kCenterFace = "models/centerface.onnx";

struct Network {
  const char* file;
  std::optional<runtime::Shape> input_shape;  ///< in place of the file's
};

std::vector<Network> networks_of(DetectorKind kind) {
  const Network close{"models/blazeface_short.tflite", {}}, full{"models/blazeface_full.tflite", {}};
  constexpr const char* kYunet = "models/yunet.onnx";
  switch (kind) {
    case DetectorKind::adaptive:
    case DetectorKind::yunet:
      return {{kYunet, YunetNetwork::any_shape()}, {kYunet, YunetNetwork::fixed_shape()}};
    case DetectorKind::centerface:
      return {{kCenterFace, CenterFaceDetector::input_shape()}};
    case DetectorKind::blazeface:
      return {close, full};
    case DetectorKind::blazeface_short:
      return {close};
    case DetectorKind::blazeface_full:
      return {full};
  }
  return {};
}

/// Options of CenterFace or YuNet.
template <typename Options>
Options two_look_options(const FaceFinderModels& models, float min_score) {
  Options options;
  options.min_score = min_score;
  if (models.options.detail > 0) options.long_side = models.options.detail;
  return options;
}

std::unique_ptr<image::FaceDetector> make_blazeface(const FaceFinderModels& models, float min_score) {
  constexpr int kDefaultTile = 640;
  const FaceFinderOptions& o = models.options;
  BlazeFaceDetector::Options options{min_score, 0};
  if (o.detector == DetectorKind::blazeface) options.tile_px = o.detail > 0 ? o.detail : kDefaultTile;
  const runtime::Model* close = o.detector != DetectorKind::blazeface_full ? &models.detectors.front() : nullptr;
  const runtime::Model* full = o.detector != DetectorKind::blazeface_short ? &models.detectors.back() : nullptr;
  return std::make_unique<BlazeFaceDetector>(close, full, options);
}

YunetNetwork yunet(const FaceFinderModels& models) { return {models.detectors.front(), models.detectors.back()}; }

std::unique_ptr<image::FaceDetector> make_yunet(const FaceFinderModels& models, float min_score) {
  return std::make_unique<YunetDetector>(yunet(models), two_look_options<YunetOptions>(models, min_score));
}

std::unique_ptr<image::FaceDetector> make_centerface(const runtime::Model& network, const FaceFinderModels& models,
                                                     float min_score) {
  return std::make_unique<CenterFaceDetector>(network,
                                              two_look_options<CenterFaceDetector::Options>(models, min_score));
}

std::unique_ptr<image::FaceDetector> make_adaptive(const FaceFinderModels& models, float min_score) {
  auto glance =
      std::make_unique<YunetGlance>(yunet(models), two_look_options<YunetOptions>(models, std::min(kHint, min_score)));
  auto accurate = [models, min_score] { return make_centerface(models.accurate->get(), models, min_score); };
  return std::make_unique<AdaptiveDetector>(std::move(glance), make_yunet(models, min_score), std::move(accurate),
                                            GlanceRule{kSureScore, kLargeShare});
}

std::unique_ptr<image::FaceDetector> make_detector(const FaceFinderModels& models) {
  const float min_score = models.options.min_score > 0 ? models.options.min_score : 0.5f;
  switch (models.options.detector) {
    case DetectorKind::adaptive:
      return make_adaptive(models, min_score);
    case DetectorKind::yunet:
      return make_yunet(models, min_score);
    case DetectorKind::centerface:
      return make_centerface(models.detectors.front(), models, min_score);
    case DetectorKind::blazeface:
    case DetectorKind::blazeface_short:
    case DetectorKind::blazeface_full:
      break;
  }
  return make_blazeface(models, min_score);
}

}  // namespace

DetectorKind detector_kind(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<DetectorKind>(i);
  fail_usage(fmt::format("Unknown detector {}.", quote(name)), did_you_mean(name, detector_names()));
}

std::vector<std::string> detector_names() { return {kNames.begin(), kNames.end()}; }

std::string_view to_string(DetectorKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

LazyModel::LazyModel(std::filesystem::path file, runtime::ModelOptions options)
    : file_(std::move(file)), options_(std::move(options)) {}

const runtime::Model& LazyModel::get() {
  std::call_once(once_, [this] { model_ = runtime::Model::load(file_, options_); });
  return *model_;
}

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
  std::vector<std::future<runtime::Model>> detectors;
  for (const Network& detector : networks_of(options.detector)) {
    network.input_shape = detector.input_shape;
    detectors.push_back(start(detector.file, network));
  }
  if (options.detector == DetectorKind::adaptive) {  // check its file now, so that no run stops in the middle
    network.input_shape = CenterFaceDetector::input_shape();
    models.accurate = std::make_shared<LazyModel>(runtime::require_asset(kCenterFace), network);
  }
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
  for (auto& d : found)  // landmarks keep the detector's guesses beyond the edge
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
