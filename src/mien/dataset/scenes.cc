// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/scenes.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "mien/base/error.h"
#include "mien/base/random.h"
#include "mien/base/text.h"
#include "mien/dataset/parallel.h"
#include "mien/dataset/scene_background.h"
#include "mien/image/bicubic.h"

namespace mien::dataset {
namespace {

constexpr std::size_t kSceneChunk = 256;  // scenes drawn before they are written
constexpr int kPlaceAttempts = 50;

struct PlacedFace {
  std::uint32_t index = 0;  ///< in the pack of faces
  cv::Rect square;          ///< pixels of the scene
};

/// Positions of a part's labelled faces, in random order, each once before any is repeated.
class FaceOrder {
 public:
  FaceOrder(const pack::Pack& faces, pack::Split split, std::uint64_t seed)
      : random_(Random::stream(seed, fmt::format("faces {}", to_string(split)))) {
    for (const std::uint32_t i : faces.indices(split))
      if (faces.sample(i).label >= 0) order_.push_back(i);
  }
  bool is_empty() const { return order_.empty(); }
  std::uint32_t next() {
    if (at_ == 0) random_.shuffle(order_);
    const std::uint32_t face = order_[at_];
    at_ = (at_ + 1) % order_.size();
    return face;
  }

 private:
  Random random_;
  std::vector<std::uint32_t> order_;
  std::size_t at_ = 0;
};

void check_options(const pack::Pack& faces, const SceneOptions& o) {
  if (o.size < 64 || o.size > 1024) fail_usage(fmt::format("Scenes of {} pixels.", o.size), "Give 64 to 1024.");
  if (o.smallest_face < 8 || o.smallest_face > o.largest_face || o.largest_face > o.size)
    fail_usage(fmt::format("Faces of {} to {} pixels in scenes of {}.", o.smallest_face, o.largest_face, o.size),
               fmt::format("Give a smallest side of at least 8 and a largest side of at most {}.", o.size));
  if (!(o.pairs >= 0 && o.pairs <= 1)) fail_usage(fmt::format("A share of {:g} of pairs.", o.pairs), "Give 0 to 1.");
  if (faces.info().placement != pack::Placement::crop)
    fail_usage(faces.path().string() + ": this pack contains whole pictures, but scenes are composed from faces.",
               "Give a pack of faces, created by 'mien data pack' without --whole.");
  const bool has_any = std::any_of(o.scenes.begin(), o.scenes.end(), [](const auto& s) { return s.second > 0; });
  if (!has_any) fail_usage("No scenes requested.", "Set --train, --valid or --test to a number above 0.");
}

/// A free position for a square of this side, or none after some attempts.
std::optional<cv::Rect> find_place(int side, const std::vector<PlacedFace>& others, int size, Random& random) {
  for (int attempt = 0; attempt < kPlaceAttempts; ++attempt) {
    const auto at = [&] { return static_cast<int>(random.below(static_cast<std::size_t>(size - side + 1))); };
    const int x = at(), y = at();
    const cv::Rect square(x, y, side, side);
    const bool is_free = std::all_of(others.begin(), others.end(),
                                     [&](const PlacedFace& other) { return (other.square & square).empty(); });
    if (is_free) return square;
  }
  return std::nullopt;
}

/// Sides and positions of one or two faces; the second is left out if there is no room for it.
std::vector<PlacedFace> draw_places(const SceneOptions& o, Random& random) {
  const std::size_t wanted = random.uniform() < o.pairs ? 2 : 1;
  std::vector<PlacedFace> faces;
  for (std::size_t i = 0; i < wanted; ++i) {
    const double side = std::exp(random.between(std::log(o.smallest_face), std::log(o.largest_face)));
    const auto place = find_place(static_cast<int>(std::lround(side)), faces, o.size, random);
    if (place) faces.push_back({0, *place});
  }
  return faces;
}

/// Opacity of the face at a pixel: 1 inside an oval between circle and rounded square, 0 outside, with a soft edge.
struct Mask {
  double exponent, softness;
  static Mask draw(Random& random) { return {random.between(2, 6), random.between(0.04, 0.25)}; }
  double at(int x, int y, int side) const {
    const double u = std::abs((x + 0.5) * 2 / side - 1), v = std::abs((y + 0.5) * 2 / side - 1);
    const double radius = std::pow(std::pow(u, exponent) + std::pow(v, exponent), 1 / exponent);
    const double share = std::clamp((1 - radius) / softness, 0.0, 1.0);
    return share * share * (3 - 2 * share);
  }
};

void paste_face(cv::Mat& scene, const cv::Mat& face, const cv::Rect& square, Random& random) {
  const cv::Mat scaled = image::resize_bicubic(face, square.width, square.height);
  const Mask mask = Mask::draw(random);
  const double gain = random.between(0.75, 1.25), shift = random.between(-25, 25);
  const int channels = scene.channels();
  for (int y = 0; y < square.height; ++y)
    for (int x = 0; x < square.width; ++x) {
      const double share = mask.at(x, y, square.width);
      for (int c = 0; c < channels; ++c) {
        std::uint8_t& pixel = scene.ptr(square.y + y)[(square.x + x) * channels + c];
        const double value = std::clamp(scaled.ptr(y)[x * channels + c] * gain + shift, 0.0, 255.0);
        pixel = cv::saturate_cast<std::uint8_t>(pixel + share * (value - pixel));
      }
    }
}

/// Draws and writes the scenes of one part.
class PartWriter {
 public:
  PartWriter(const pack::Pack& faces, pack::Split split, const SceneOptions& options)
      : faces_(faces), split_(split), options_(options), order_(faces, split, options.seed) {
    if (order_.is_empty())
      fail_usage(fmt::format("{}: no labelled faces in its {} part.", faces.path().string(), to_string(split)),
                 fmt::format("Skip this part with --{} 0.", to_string(split)));
  }

  SceneCounts write(pack::PackWriter& writer, std::size_t count, const ProgressSink& progress,
                    const CancelToken& cancel) {
    SceneCounts counts{count, std::vector<std::size_t>(faces_.info().classes.size())};
    for (std::size_t begin = 0; begin < count; begin += kSceneChunk) {
      throw_if_cancelled(cancel);
      write_chunk(writer, begin, std::min(kSceneChunk, count - begin), counts);
      if (progress)
        progress({fmt::format("scenes {}", to_string(split_)),
                  static_cast<std::int64_t>(std::min(begin + kSceneChunk, count)), static_cast<std::int64_t>(count),
                  ""});
    }
    return counts;
  }

 private:
  struct Plan {
    Random random;
    std::vector<PlacedFace> faces;
  };

  /// Faces are assigned in order; only the drawing runs in parallel.
  void write_chunk(pack::PackWriter& writer, std::size_t begin, std::size_t count, SceneCounts& counts) {
    std::vector<Plan> plans;
    for (std::size_t i = 0; i < count; ++i) {
      Plan plan{Random::stream(options_.seed, fmt::format("scene {}", to_string(split_)), begin + i), {}};
      plan.faces = draw_places(options_, plan.random);
      for (PlacedFace& face : plan.faces) face.index = order_.next();
      plans.push_back(std::move(plan));
    }
    std::vector<cv::Mat> pictures(count);
    parallel_for(count, options_.threads, [&](std::size_t i, std::size_t) { pictures[i] = draw(plans[i]); });
    for (std::size_t i = 0; i < count; ++i) {
      for (const PlacedFace& face : plans[i].faces)
        ++counts.faces[static_cast<std::size_t>(faces_.sample(face.index).label)];
      writer.add(sample_of(plans[i], begin + i), {pictures[i].data, pictures[i].total() * pictures[i].elemSize()});
    }
  }

  cv::Mat draw(Plan& plan) const {
    const auto& info = faces_.info();
    cv::Mat scene = draw_background(options_.size, info.channels, plan.random);
    for (const PlacedFace& face : plan.faces) {
      const cv::Mat pixels(info.height, info.width, info.channels == 1 ? CV_8UC1 : CV_8UC3,
                           const_cast<std::uint8_t*>(faces_.pixels(face.index).data()));
      paste_face(scene, pixels, face.square, plan.random);
    }
    return scene;
  }

  pack::Sample sample_of(const Plan& plan, std::size_t number) const {
    pack::Sample sample;
    sample.split = split_;
    sample.boxes.emplace();
    std::vector<std::string> sources;
    for (const auto& [index, square] : plan.faces) {
      const face::Box box{static_cast<float>(square.x), static_cast<float>(square.y), static_cast<float>(square.width),
                          static_cast<float>(square.height)};
      sample.boxes->push_back({box, faces_.sample(index).label});
      sources.push_back(faces_.sample(index).source);
    }
    sample.source = fmt::format("scene {}: {}", number, join(sources, " + "));
    return sample;
  }

  const pack::Pack& faces_;
  pack::Split split_;
  const SceneOptions& options_;
  FaceOrder order_;
};

pack::PackInfo describe(const pack::Pack& faces, const SceneOptions& o) {
  pack::PackInfo info = faces.info();
  info.width = info.height = o.size;
  info.placement = pack::Placement::letterbox;
  info.data_set = "scenes of " + info.data_set;
  info.provenance["scenes"] = {{"source_hash", faces.hash()},
                               {"smallest_face", o.smallest_face},
                               {"largest_face", o.largest_face},
                               {"pairs", o.pairs},
                               {"seed", o.seed},
                               {"command", o.command}};
  return info;
}

}  // namespace

ScenesReport write_scenes(const pack::Pack& faces, const std::filesystem::path& path, const SceneOptions& options,
                          const ProgressSink& progress, const CancelToken& cancel) {
  check_options(faces, options);
  ScenesReport report{faces.info().classes, {}, ""};
  std::map<pack::Split, PartWriter> parts;  // a missing part is reported before anything is written
  for (const auto& [split, count] : options.scenes)
    if (count > 0) parts.try_emplace(split, faces, split, options);
  pack::PackWriter writer(path, describe(faces, options));
  for (auto& [split, part] : parts)
    report.counts[split] = part.write(writer, options.scenes.at(split), progress, cancel);
  report.hash = writer.commit();
  return report;
}

Json to_json(const ScenesReport& report) {
  Json splits = Json::object();
  for (const auto& [split, counts] : report.counts) {
    Json classes = Json::object();
    for (std::size_t k = 0; k < report.classes.size(); ++k) classes[report.classes[k]] = counts.faces[k];
    splits[std::string(to_string(split))] = {{"scenes", counts.scenes}, {"faces", classes}};
  }
  return {{"classes", report.classes}, {"splits", splits}, {"hash", report.hash}};
}

}  // namespace mien::dataset
