// SPDX-License-Identifier: Apache-2.0
// The interface to single parts: detector, alignment, model, session.
#include <fmt/core.h>

#include <algorithm>

#include "mien/api/access.h"
#include "mien/base/version.h"
#include "mien/image/crop.h"
#include "mien/runtime/assets.h"

namespace mien {

DetectedFace api::to_public(const face::Detection& d) {
  DetectedFace out{{d.box.x, d.box.y, d.box.width, d.box.height}, d.score, {}};
  if (d.landmarks) {
    out.landmarks.emplace();
    const auto points = d.landmarks->points();
    std::transform(points.begin(), points.end(), out.landmarks->begin(), [](face::Point p) {
      return Position{p.x, p.y};
    });
  }
  return out;
}

face::Detection api::to_internal(const DetectedFace& f) {
  face::Detection out{{f.box.x, f.box.y, f.box.width, f.box.height}, f.detection_score, {}};
  if (f.landmarks) {
    const auto at = [&](std::size_t i) { return face::Point{(*f.landmarks)[i].x, (*f.landmarks)[i].y}; };
    out.landmarks = face::Landmarks{at(0), at(1), at(2), at(3), at(4)};
  }
  return out;
}

struct Detector::Impl {
  detect::FaceFinder finder;
};

Detector::Detector(const std::string& name, int threads) {
  detect::FaceFinderOptions options;
  if (!name.empty()) options.detector = detect::detector_kind(name);
  options.threads = threads;
  impl_ = std::make_unique<Impl>(Impl{detect::FaceFinder(detect::FaceFinderModels::load(options))});
}
Detector::~Detector() = default;
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;

std::vector<DetectedFace> Detector::detect(const Picture& picture) {
  std::vector<DetectedFace> out;
  for (const auto& d : impl_->finder.detect(Access::image(picture))) out.push_back(api::to_public(d));
  return out;
}

const runtime::ExpressionModel& Access::model(const Model& model) {
  if (!model.impl_) fail_usage("The model is empty.", "Create one with Model::load.");
  return *static_cast<const runtime::ExpressionModel*>(model.impl_.get());
}

Model Model::load(const std::string& path, int threads) {
  runtime::ModelOptions options;
  options.threads = threads;
  Model out;
  out.impl_ = std::make_shared<const runtime::ExpressionModel>(runtime::ExpressionModel::load(
      path.empty() ? runtime::find_default_model({}) : std::filesystem::path(path), options));
  return out;
}

const std::vector<std::string>& Model::classes() const { return Access::model(*this).card().classes; }
std::string Model::card_json() const { return pretty(face::to_json(Access::model(*this).card())); }

Crop Model::align(const Picture& picture, const DetectedFace& face) const {
  const face::InputSpec& spec = Access::model(*this).card().input;
  const face::Detection d = api::to_internal(face);
  const int side = image::crop_side(spec);
  const image::Image& image = Access::image(picture);
  const image::Crop crop = d.landmarks ? image::crop_face(image, *d.landmarks, spec.crop, side, spec.channels)
                                       : image::crop_box(image, d.box, side, spec.channels);
  return {side, spec.channels, {crop.pixels.datastart, crop.pixels.dataend}};
}

struct Session::Impl {
  runtime::ExpressionModel model;
  runtime::ExpressionSession session;
};

Session::Session(const Model& model)
    : impl_(std::make_unique<Impl>(Impl{Access::model(model), runtime::ExpressionSession(Access::model(model))})) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

std::vector<std::vector<float>> Session::probabilities(std::span<const Crop> crops) {
  const face::ModelCard& card = impl_->model.card();
  const int side = image::crop_side(card.input);
  std::vector<std::uint8_t> bytes;
  for (const Crop& crop : crops) {
    if (crop.side != side || crop.channels != card.input.channels ||
        crop.pixels.size() != static_cast<std::size_t>(side) * side * crop.channels)
      fail_usage(fmt::format("A crop of {}x{}x{}; this model needs {}x{}x{}.", crop.side, crop.side, crop.channels,
                             side, side, card.input.channels),
                 "Create crops with align() of the same model.");
    bytes.insert(bytes.end(), crop.pixels.begin(), crop.pixels.end());
  }
  std::vector<std::vector<float>> out;
  if (crops.empty()) return out;
  const auto logits = impl_->session.logits(bytes, crops.size(), side);
  for (std::size_t i = 0; i < crops.size(); ++i)
    out.push_back(
        face::softmax(std::span(logits).subspan(i * card.classes.size(), card.classes.size()), card.temperature));
  return out;
}

std::string library_version() { return version(); }

}  // namespace mien
