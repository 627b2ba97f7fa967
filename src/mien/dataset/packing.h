// SPDX-License-Identifier: Apache-2.0
// Listing → pack: pictures decoded in parallel, cropped, written in the listing's order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mien/base/progress.h"
#include "mien/dataset/file_tree.h"
#include "mien/dataset/listing.h"
#include "mien/face/input_spec.h"
#include "mien/image/face_detector.h"
#include "mien/image/face_mesh_estimator.h"

namespace mien::dataset {

/// Detectors are not thread-safe: each thread gets its own.
using DetectorFactory = std::function<std::unique_ptr<image::FaceDetector>()>;
using EstimatorFactory = std::function<std::unique_ptr<image::FaceMeshEstimator>()>;

struct PackOptions {
  int size = 48;                     ///< pixels, 16..512
  int channels = 1;                  ///< 1 grey (ITU-R BT.601), 3 red-green-blue
  std::vector<std::string> classes;  ///< canonical order; empty: those of the data set (Listing::classes)
  int threads = 1;
  bool skip_defects = false;  ///< leave defective entries out instead of failing
  DetectorFactory detector;   ///< none: each picture is a face crop as a whole. With `whole`: gives the boxes
  face::CropRule crop_rule;   ///< with a detector: positions of the landmarks in the crop
  std::optional<pack::PictureSize> whole;  ///< whole pictures between borders of this size, instead of faces
  bool estimate_landmarks = false, estimate_pose = false;  ///< if the data set has none; need `estimator`
  EstimatorFactory estimator;
  std::string command;     ///< for the provenance
  std::uint64_t seed = 0;  ///< for the provenance
};

struct PackSummary {
  std::size_t num_pictures = 0;
  std::map<pack::Split, ClassCounts> counts;  ///< labelled pictures by canonical class
  std::map<pack::Split, FieldCounts> fields;
  std::vector<std::string> classes;
  std::string hash;
  Findings findings;  ///< of reading and of decoding
};

/// Writes the pack, all or nothing. Throws usage if boxes are to be detected in a data set that has some; bad_input if
/// the listing has defects (unless skipped) or nothing is left; interrupted if `cancel` is set.
PackSummary write_pack(const FileTree& tree, const Listing& listing, const std::filesystem::path& path,
                       const PackOptions& options, const ProgressSink& progress, const CancelToken& cancel);

}  // namespace mien::dataset
