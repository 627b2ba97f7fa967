// SPDX-License-Identifier: Apache-2.0
// Composed pictures with one or two faces on a background without faces, for methods that detect faces and classify
// their expressions in one pass (card fer-yolo-mamba 9). The faces come from a pack of faces.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/base/progress.h"
#include "mien/pack/pack.h"

namespace mien::dataset {

struct SceneOptions {
  int size = 320;                              ///< side of a scene, pixels, 64..1024
  int smallest_face = 48, largest_face = 200;  ///< side of a face, pixels; 8..size
  double pairs = 0.2;                          ///< share of scenes with two faces, 0..1
  std::map<pack::Split, std::size_t> scenes = {
      {pack::Split::train, 8000}, {pack::Split::valid, 1000}, {pack::Split::test, 1000}};
  std::uint64_t seed = 0;
  int threads = 1;
  std::string command;  ///< for the provenance
};

struct SceneCounts {
  std::size_t scenes = 0;
  std::vector<std::size_t> faces;  ///< by class of the pack
};

struct ScenesReport {
  std::vector<std::string> classes;
  std::map<pack::Split, SceneCounts> counts;
  std::string hash;
};

/// Each part of the new pack uses only that part's labelled faces, all equally often and in random order. Faces
/// are scaled (bicubic, the side's logarithm uniform), their contrast varies, and their rim fades into the background;
/// a face's box is the square it was scaled to. Two faces never overlap. Scenes have boxes and no label of their own;
/// a scene's source names its faces. Same input and options, same bytes, for any number of threads. Throws usage for an
/// option outside its range or a part without labelled faces, and interrupted.
ScenesReport write_scenes(const pack::Pack& faces, const std::filesystem::path& path, const SceneOptions& options,
                          const ProgressSink& progress, const CancelToken& cancel);

Json to_json(const ScenesReport& report);

}  // namespace mien::dataset
