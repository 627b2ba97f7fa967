// SPDX-License-Identifier: Apache-2.0
// A packed data set: pictures decoded and cut once, in one memory-mapped file with labels and a content hash.
// Training never opens a picture file. Layout: docs/formats.md.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/base/file.h"
#include "mien/base/hash.h"
#include "mien/base/json.h"
#include "mien/face/boxes.h"
#include "mien/face/expression.h"
#include "mien/face/geometry.h"
#include "mien/face/points68.h"

namespace mien::pack {

enum class Split : std::uint8_t { train, valid, test };
std::string_view to_string(Split split);
/// "train", "valid" (also "val", "validation"), "test"; nothing for other words.
std::optional<Split> split_from(std::string_view name);

/// Origin of a value: the data set, or an estimate during packing.
enum class Origin : std::uint8_t { data_set, estimate };

/// An angle of the head.
struct Angle {
  float degrees = 0;
  Origin origin = Origin::data_set;
  bool operator==(const Angle&) const = default;
};

struct PictureSize {
  int width = 0, height = 0;  ///< pixels
  bool operator==(const PictureSize&) const = default;
};

/// Fields of a pack that a method can request in addition to pixels and labels.
enum class Field { landmarks, pose, boxes };
std::string_view to_string(Field field);  ///< "landmarks"

/// One picture's entry. Class indices follow PackInfo::classes; lengths are pixels of the packed picture.
struct Sample {
  Split split = Split::train;
  int label = -1;  ///< -1: unlabelled
  std::array<float, face::kNumExpressions>
      distribution{};                    ///< over the classes, sums to 1; one-hot if only a label is known
  std::array<std::uint8_t, 10> votes{};  ///< FER+: canonical classes, then unknown and no face
  bool has_votes = false;
  std::string source;                  ///< path inside the data set
  std::string subject;                 ///< person or group, "" unknown
  std::string sequence;                ///< clip that the picture was taken from, "" unknown
  std::vector<face::Point> landmarks;  ///< the 68 points of face/points68.h, or none; may be outside the picture
  Origin landmark_origin = Origin::data_set;
  std::optional<Angle> yaw;    ///< -180..180, positive: the face turns to the picture's right
  std::optional<Angle> pitch;  ///< -90..90, positive: the face looks up
  /// Faces in the picture, inside its borders; empty: there is none; nothing: not known.
  std::optional<std::vector<face::LabelledBox>> boxes;
  std::optional<PictureSize> original;  ///< size of the picture in the data set, before cropping and scaling
};

/// Whether the sample has the field; of a pose, one of the two angles is enough.
bool has(const Sample& sample, Field field);

/// How the data set's pictures became the pack's.
enum class Placement {
  crop,       ///< a face was cut out, or the whole picture is a face crop
  letterbox,  ///< the whole picture, scaled to fit with its shape kept, centred between borders (face/letterbox.h)
};

struct PackInfo {
  int width = 48, height = 48, channels = 1;  ///< pixels; 1 grey, 3 red-green-blue
  std::vector<std::string> classes;           ///< canonical order
  std::string data_set;                       ///< "FER+"
  std::string label_rule;                     ///< "majority", "probability", "multi-target", "single"
  std::string licence;
  bool pictures_may_be_shown = false;  ///< whether reports may embed thumbnails
  Placement placement = Placement::crop;
  Origin box_origin = Origin::data_set;  ///< estimate: boxes of a detector with the labels of the pictures
  Json provenance = Json::object();      ///< command, source hash, counts, crop rule, mien version
};

/// Writes completely or not at all: nothing appears under `path` before commit(). A pack without any field that version
/// 1 lacks is written as version 1, so that its bytes and its hash are those of earlier releases.
class PackWriter {
 public:
  PackWriter(const std::filesystem::path& path, PackInfo info);
  /// `pixels`: height × width × channels bytes, rows from the top. Throws bad_input for another size, a bad label, or a
  /// field outside the range that Sample states.
  void add(const Sample& sample, std::span<const std::uint8_t> pixels);
  std::size_t size() const { return samples_.size(); }
  /// Returns the content hash.
  std::string commit();

 private:
  PackInfo info_;
  AtomicFile file_;
  ContentHasher hasher_;
  std::vector<Sample> samples_;
};

/// An open pack; immutable and safe to share between threads.
class Pack {
 public:
  /// Checks every size and the content hash. Throws missing, or bad_input for a truncated, damaged or foreign file.
  explicit Pack(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  const PackInfo& info() const { return info_; }
  std::size_t size() const { return samples_.size(); }
  const Sample& sample(std::size_t i) const { return samples_[i]; }
  std::span<const std::uint8_t> pixels(std::size_t i) const;
  std::vector<std::uint32_t> indices(Split split) const;
  std::size_t count(Split split, Field field) const;  ///< samples of the part that have the field
  const std::string& hash() const { return hash_; }

 private:
  std::filesystem::path path_;
  MappedFile file_;
  PackInfo info_;
  std::vector<Sample> samples_;
  std::span<const std::uint8_t> pixels_;
  std::size_t bytes_per_picture_ = 0;
  std::string hash_;
};

}  // namespace mien::pack
