// SPDX-License-Identifier: Apache-2.0
// Faces with good landmarks: a detector, then the face mesh on each face.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/detect/face_mesh.h"
#include "mien/image/face_detector.h"
#include "mien/runtime/session.h"

namespace mien::detect {

/// adaptive: YuNet, and CenterFace where YuNet is not sure.
enum class DetectorKind { adaptive, centerface, yunet, blazeface, blazeface_short, blazeface_full };
inline constexpr DetectorKind kDefaultDetector = DetectorKind::adaptive;
/// "adaptive", "centerface", "yunet", "blazeface" and its two single forms "blazeface-short", "blazeface-full". Throws
/// usage.
DetectorKind detector_kind(std::string_view name);
std::string_view to_string(DetectorKind kind);
std::vector<std::string> detector_names();

struct FaceFinderOptions {
  DetectorKind detector = kDefaultDetector;
  float min_score = 0;  ///< 0..1; 0: the detector's own default
  int detail = 0;       ///< pixels: long side of YuNet and CenterFace, BlazeFace's tile; 0: the default
  bool refine = true;   ///< landmarks from the face mesh
  int threads = 0;      ///< 0: all cores
  int streams = 1;      ///< parallel finders, each on its own thread
  runtime::Precision precision = runtime::Precision::f32;
};

/// A network that is compiled when it is first needed. Thread-safe.
class LazyModel {
 public:
  LazyModel(std::filesystem::path file, runtime::ModelOptions options);
  const runtime::Model& get();

 private:
  std::filesystem::path file_;
  runtime::ModelOptions options_;
  std::once_flag once_;
  std::optional<runtime::Model> model_;
};

/// The compiled networks: shared by the finders of all threads, cheap to copy.
struct FaceFinderModels {
  FaceFinderOptions options;
  std::vector<runtime::Model> detectors;  ///< one; BlazeFace's short and full range; YuNet's first and second look
  std::shared_ptr<LazyModel> accurate;    ///< CenterFace, of the adaptive detector
  std::optional<runtime::Model> mesh;
  /// Throws missing if a file was not fetched yet (see assets.h). Networks are compiled in parallel.
  static FaceFinderModels load(const FaceFinderOptions& options);
};

/// One thread's face finder.
class FaceFinder final : public image::FaceDetector {
 public:
  explicit FaceFinder(const FaceFinderModels& models);
  std::vector<face::Detection> detect(const image::Image& image) override;
  float smallest_face_px(const image::Image& image) const override { return detector_->smallest_face_px(image); }
  std::string name() const override;
  double detect_ms() const { return detect_ms_; }  ///< of the last picture
  double landmarks_ms() const { return landmarks_ms_; }

 private:
  std::unique_ptr<image::FaceDetector> detector_;
  std::unique_ptr<FaceMesh> mesh_;
  double detect_ms_ = 0, landmarks_ms_ = 0;
};

}  // namespace mien::detect
