// SPDX-License-Identifier: Apache-2.0
// mien's C++ interface: faces and their expressions in pictures. Standard library types only.
//
// The simple interface, one call per picture:
//   mien::Recognizer recognizer;                                  // default model, default detector
//   for (const mien::Face& face : recognizer.recognize("party.jpg").faces)
//     std::cout << face.expression << " " << face.probability << "\n";
//
// The interface to the parts: Picture → Detector → Model::align → Session.
//
// Threads: Recognizer and Model may be used from any number of threads at once. Detector and Session belong to one
// thread at a time. Picture, Crop and all results are plain values.
// Errors: every failure throws mien::Error: what() is one sentence with file, value and remedy.
// Coordinates: pixels of the upright picture, x right, y down; "left" and "right" as the viewer sees them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mien/base/error.h"

namespace mien {

/// Order of the channels of one pixel in memory. There is no default: a wrong guess gives wrong expressions.
enum class PixelFormat { grey, rgb, bgr, rgba, bgra };

/// A picture in the caller's memory, 8 bit per channel, upright.
struct Pixels {
  const std::uint8_t* data = nullptr;
  int width = 0, height = 0;
  std::size_t stride = 0;  ///< bytes from one row to the next; 0: rows without padding
  PixelFormat format = PixelFormat::rgb;
};

struct Position {
  float x = 0, y = 0;
};
struct Rectangle {
  float x = 0, y = 0, width = 0, height = 0;
};

struct DetectedFace {
  Rectangle box;
  float detection_score = 0;                         ///< 0..1
  std::optional<std::array<Position, 5>> landmarks;  ///< left eye, right eye, nose, left and right corner of the mouth
};

struct Face : DetectedFace {
  std::string expression;  ///< class with the largest probability, by the model's name for it
  float probability = 0;
  std::vector<float> probabilities;  ///< in the order of classes(); sums to 1
  std::vector<std::string> notes;    ///< reasons for doubt: "small: …", "blurred", "cut off: …"
  std::optional<bool> unsure;        ///< only with Options::abstain_risk: `expression` is then a guess
};

struct Result {
  int width = 0, height = 0;       ///< of the upright picture
  std::vector<Face> faces;         ///< best detection first; empty if there is none
  std::vector<std::string> notes;  ///< on the whole picture: "damaged file: …", "animated: …"
};

struct Options {
  std::string model;     ///< .onnx file; empty: $MIEN_MODEL, otherwise the installed default
  std::string detector;  ///< "adaptive" (the default), "centerface", "yunet", "blazeface", or "none": each picture is a
                         ///< face crop; only the default for a model that detects faces itself
  double min_face = 0;   ///< pixels: faces whose box has a shorter side are left out
  bool flip = false;     ///< average over each face and its mirror image
  double abstain_risk = 0;  ///< 0..1; above 0 needs a calibrated model
  int threads = 1;          ///< for one picture; 0: all cores
  int parallel = 1;         ///< pictures processed in parallel, each from its own thread
};

/// A decoded picture. Copies share the pixels, which never change.
class Picture {
 public:
  /// JPEG, PNG, WebP, TIFF, GIF, HEIC, AVIF, BMP or PNM, upright by its EXIF. Throws missing, bad_input.
  static Picture load(const std::string& path);
  static Picture decode(std::span<const std::byte> bytes, const std::string& name = "picture in memory");
  /// Copies. Throws usage for an impossible size or stride.
  static Picture from(const Pixels& pixels);
  int width() const;
  int height() const;

 private:
  friend struct Access;
  std::shared_ptr<const void> image_;
};

/// Finds faces and names their expressions.
class Recognizer {
 public:
  /// Loads and compiles the networks (0.2 to 2 s). Throws missing, bad_input, usage.
  explicit Recognizer(const Options& options = {});
  ~Recognizer();
  Recognizer(Recognizer&&) noexcept;
  Recognizer& operator=(Recognizer&&) noexcept;

  Result recognize(const std::string& path) const;
  Result recognize(const Picture& picture) const;
  Result recognize(const Pixels& pixels) const { return recognize(Picture::from(pixels)); }
  const std::vector<std::string>& classes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Only finds faces. One thread at a time.
class Detector {
 public:
  /// "adaptive" (the default), "centerface", "yunet" or "blazeface".
  explicit Detector(const std::string& name = "", int threads = 1);
  ~Detector();
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;
  std::vector<DetectedFace> detect(const Picture& picture);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A face crop in the form that a model needs.
struct Crop {
  int side = 0, channels = 0;
  std::vector<std::uint8_t> pixels;  ///< side × side × channels; grey, or red-green-blue
};

/// An exported expression model with its card. Immutable; copies share the network.
class Model {
 public:
  /// Empty path: as Options::model. Throws missing, bad_input.
  static Model load(const std::string& path = {}, int threads = 1);
  const std::vector<std::string>& classes() const;
  std::string card_json() const;
  /// By the card's crop rule; by the box if there are no landmarks.
  Crop align(const Picture& picture, const DetectedFace& face) const;

 private:
  friend struct Access;
  std::shared_ptr<const void> impl_;
};

/// One thread's use of a model.
class Session {
 public:
  explicit Session(const Model& model);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  /// Per crop the probabilities in the order of classes(), calibrated if the card is.
  std::vector<std::vector<float>> probabilities(std::span<const Crop> crops);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Version of the library: "0.1.0".
std::string library_version();

}  // namespace mien
