// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/recognizer.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <future>
#include <opencv2/imgproc.hpp>

#include "mien/base/elapsed.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/image/crop.h"
#include "mien/image/whole_picture.h"
#include "mien/recognise/one_per_face.h"
#include "mien/recognise/quality.h"

namespace mien::recognise {
namespace {

constexpr std::size_t kFaceBatch = 16;  ///< faces per run: more brings no speed and takes memory

constexpr double kDetectorLimit = 0.5;  ///< score below which the detectors give nothing unless asked to

constexpr double kQuietMs = 2000;  ///< work that takes longer reports its progress

constexpr float kWorthSaying = 16;  ///< px: no user expects an expression from less

using Clock = std::chrono::steady_clock;
/// The rule, with the cut square made `scale` times as large about its centre.
face::CropRule scaled(face::CropRule rule, double scale) {
  for (face::Point* p : {&rule.left_eye, &rule.right_eye, &rule.nose, &rule.mouth})
    *p = {0.5f + (p->x - 0.5f) / static_cast<float>(scale), 0.5f + (p->y - 0.5f) / static_cast<float>(scale)};
  return rule;
}

face::Box scaled(const face::Box& box, double scale) {
  const auto s = static_cast<float>(scale);
  return {box.x - box.width * (s - 1) / 2, box.y - box.height * (s - 1) / 2, box.width * s, box.height * s};
}

/// Landmarks with nose and mouth at the positions of the rule, so that only the eyes decide.
face::Landmarks eyes_alone(const face::Landmarks& seen, const face::CropRule& rule) {
  const std::array<face::Point, 2> unit{rule.left_eye, rule.right_eye}, image{seen.left_eye, seen.right_eye};
  const auto image_from_unit = face::fit_similarity(unit, image);
  const face::Point mouth = image_from_unit.apply(rule.mouth);
  return {seen.left_eye, seen.right_eye, image_from_unit.apply(rule.nose), mouth, mouth};
}

image::Crop cut(const image::Image& image, const face::Detection& d, const face::InputSpec& spec,
                const CropChoice& choice, int side, int channels) {
  if (choice.kind == CropChoice::Kind::box || !d.landmarks)
    return image::crop_box(image, scaled(d.box, choice.scale), side, channels);
  const face::CropRule rule = scaled(spec.crop, choice.scale);
  const face::Landmarks points = choice.kind == CropChoice::Kind::eyes ? eyes_alone(*d.landmarks, rule) : *d.landmarks;
  return image::crop_face(image, points, rule, side, channels);
}

/// What means something for face crops alone.
void refuse_options_of_crops(const RecognizerOptions& o) {
  const char* word = nullptr;
  if (o.flip) word = "--flip";
  if (o.abstain_risk > 0) word = "--abstain";
  if (o.crop.kind != CropChoice::Kind::card || o.crop.scale != 1) word = "--crop-rule";
  if (word)
    fail_usage(fmt::format("{} works only for models of face crops; {} detects faces itself.", word, o.model.string()),
               fmt::format("Remove {}.", word));
}

constexpr float kWorthMentioning = 0.05f;  // score of a detector's box that the user may like to know of

/// Class scores, each 0..1 by itself, as shares of their sum.
std::vector<float> shares_of(std::vector<float> scores) {
  float sum = 0;
  for (const float s : scores) sum += s;
  for (float& s : scores) s = sum > 0 ? s / sum : 1 / static_cast<float>(scores.size());
  return scores;
}

/// Removes faces that the options exclude and counts them.
LeftOut leave_out(std::vector<face::Detection>& found, const RecognizerOptions& options) {
  LeftOut count;
  count.min_score = static_cast<int>(std::erase_if(found, [&](const auto& d) { return d.score < options.min_score; }));
  count.min_face = static_cast<int>(
      std::erase_if(found, [&](const auto& d) { return std::min(d.box.width, d.box.height) < options.min_face_px; }));
  return count;
}

std::string faces(int count) { return count == 1 ? "1 face" : fmt::format("{} faces", count); }

/// "2 faces left out: smaller than 80 px", "1 face left out: score below 0.9".
std::string note_on(const LeftOut& left_out, const RecognizerOptions& options) {
  std::vector<std::string> parts;
  if (left_out.min_face > 0)
    parts.push_back(fmt::format("{} left out: smaller than {:g} px", faces(left_out.min_face), options.min_face_px));
  if (left_out.min_score > 0)
    parts.push_back(fmt::format("{} left out: score below {:g}", faces(left_out.min_score), options.min_score));
  return join(parts, "; ");
}

}  // namespace

CropChoice crop_choice(std::string_view words) {
  const auto parts = split(words, ':');
  CropChoice choice;
  const auto scale = parts.size() == 2 ? parse_double(parts[1]) : std::optional(1.0);
  if (parts[0] == "eyes") choice.kind = CropChoice::Kind::eyes;
  if (parts[0] == "box") choice.kind = CropChoice::Kind::box;
  if (parts.size() > 2 || !scale || *scale < 0.2 || *scale > 5 ||
      (choice.kind == CropChoice::Kind::card && parts[0] != "card"))
    fail_usage(fmt::format("Unknown crop rule {}.", quote(words)),
               "Known: card, eyes, box; optionally with a colon and a scale from 0.2 to 5 (card:1.1).");
  choice.scale = *scale;
  return choice;
}

StageTimes& StageTimes::operator+=(const StageTimes& o) {
  decode += o.decode, detect += o.detect, landmarks += o.landmarks, crop += o.crop, network += o.network;
  explain += o.explain, post += o.post;
  return *this;
}

Recognizer::Recognizer(const RecognizerOptions& options) : options_(options) {
  // A higher limit is applied by leave_out, which counts; a lower one is the detector's to keep.
  if (options.min_score > 0 && options.min_score < kDetectorLimit)
    options_.finder.min_score = static_cast<float>(options.min_score);
  std::future<detect::FaceFinderModels> finder;
  if (options.use_detector)
    finder = std::async(std::launch::async, [this] { return detect::FaceFinderModels::load(options_.finder); });
  model_ = runtime::ExpressionModel::load(
      options.model, {options.finder.precision, options.finder.threads, options.finder.streams, true, {}});
  if (face::finds_boxes(card())) {
    if (finder.valid()) finder.wait();  // its result, or that it is not installed, means nothing here
    refuse_options_of_crops(options);
    boxes_.emplace(model_);
    return;
  }
  load_networks(std::move(finder));
}

void Recognizer::load_networks(std::future<detect::FaceFinderModels> finder) {
  if (options_.abstain_risk > 0)
    abstain_ = face::threshold_for(card().calibration, options_.abstain_risk, options_.flip, options_.model.string());
  session_.emplace(model_);
  // The first run prepares kernels: do it while the detector is still being loaded.
  const int side = image::crop_side(card().input);
  session_->logits(std::vector<std::uint8_t>(static_cast<std::size_t>(side) * side * card().input.channels), 1, side);
  session_->values(0);  // a card that names other values than the network gives is refused now, not at the first face
  if (!options_.use_detector) return;
  finder_models_ = finder.get();
  finder_ = std::make_unique<detect::FaceFinder>(*finder_models_);
}

Recognizer::Recognizer(const Recognizer& other)
    : options_(other.options_), model_(other.model_), abstain_(other.abstain_), finder_models_(other.finder_models_) {
  if (other.session_) session_.emplace(model_);
  if (other.boxes_) boxes_.emplace(model_);
  if (finder_models_) finder_ = std::make_unique<detect::FaceFinder>(*finder_models_);
}

std::string Recognizer::detector_name() const {
  if (boxes_) return "model";
  return finder_ ? finder_->name() : "none";
}

/// The model finds faces and expressions at once; its boxes are clipped to the picture.
Recognition Recognizer::recognize_whole(const image::Image& image) {
  const face::InputSpec& spec = card().input;
  Recognition out;
  out.width = image.cols, out.height = image.rows;
  const auto crop_begin = Clock::now();
  const auto whole = image::fit_whole(image, spec.width, spec.height, spec.channels);
  out.times.crop = ms_since(crop_begin);
  const auto network_begin = Clock::now();
  runtime::BoxLimits limits;
  const auto& calibration = card().calibration;
  const float of_model =
      calibration && calibration->score_limit > 0 ? static_cast<float>(calibration->score_limit) : limits.least_score;
  const float limit = options_.finder.min_score > 0 ? options_.finder.min_score : of_model;
  limits.least_score = std::min(limit, kWorthMentioning);
  const std::span<const std::uint8_t> pixels(whole.pixels.data, whole.pixels.total() * whole.pixels.elemSize());
  auto found = one_per_face(boxes_->boxes(pixels, 1, spec.width, spec.height, limits).front());
  out.times.network = ms_since(network_begin);
  if (!found.empty() && found.front().score < limit)
    out.notes.push_back(
        fmt::format("no box with a score of {:.3g} or more; the best one has {:g} (--min-score sets the limit)", limit,
                    std::round(100 * found.front().score) / 100));
  std::erase_if(found, [&](const face::ScoredBox& f) { return f.score < limit; });
  std::vector<face::ScoredBox> kept;
  for (const auto& f : found) {
    const face::Box box =
        face::clip(whole.letterbox.to_picture(f.box), static_cast<float>(image.cols), static_cast<float>(image.rows));
    if (box.area() <= 0) continue;
    const bool is_unsure = f.score < options_.min_score;
    if (is_unsure || std::min(box.width, box.height) < options_.min_face_px) {
      ++(is_unsure ? out.left_out.min_score : out.left_out.min_face);
      continue;
    }
    kept.push_back(f);
    RecognizedFace& face = out.faces.emplace_back();
    face.detection = {box, f.score, {}};
    face.probabilities = shares_of(f.class_scores);
    face.best = face::arg_max(face.probabilities);
  }
  if (out.left_out.total() > 0) out.notes.push_back(note_on(out.left_out, options_));
  if (options_.explain) explain_whole(image, whole, kept, out);
  return out;
}

void Recognizer::explain_whole(const image::Image& image, const image::WholePicture& whole,
                               const std::vector<face::ScoredBox>& found, Recognition& recognition) {
  const auto begin = Clock::now();
  recognition.evidence = picture_evidence(*boxes_, image, whole, card());
  auto fields = receptive_fields(*boxes_, whole, found, card());
  for (std::size_t i = 0; i < found.size(); ++i) {
    Evidence& e = recognition.faces[i].evidence.emplace();
    e.crop = window_crop(whole, found[i].box);
    const float side = e.crop.face_side_px;
    e.view =
        image::crop_box(image, {e.crop.image_from_crop.tx, e.crop.image_from_crop.ty, side, side}, kViewSide, 3).pixels;
    cv::cvtColor(e.view, e.view, cv::COLOR_RGB2BGR);
    e.occlusion = box_occlusion(*boxes_, whole, found[i], card());
    e.box = box_evidence(found[i], *recognition.evidence, card());
    e.box->field = std::move(fields[i]);
  }
  recognition.times.explain = ms_since(begin);
}

Recognition Recognizer::recognize(const image::Image& image) {
  if (boxes_) return recognize_whole(image);
  const face::InputSpec& spec = card().input;
  Recognition out;
  out.width = image.cols, out.height = image.rows;
  std::vector<face::Detection> found;
  if (finder_) {
    found = finder_->detect(image);
    out.times.detect = finder_->detect_ms(), out.times.landmarks = finder_->landmarks_ms();
    const float smallest = finder_->smallest_face_px(image);
    if (found.empty() && smallest >= kWorthSaying)
      out.notes.push_back(fmt::format("faces narrower than about {} px are not detected", std::lround(smallest)));
    out.left_out = leave_out(found, options_);
    if (out.left_out.total() > 0) out.notes.push_back(note_on(out.left_out, options_));
  } else {
    found.push_back({{0, 0, static_cast<float>(image.cols), static_cast<float>(image.rows)}, 1, {}});
  }

  const auto crop_begin = Clock::now();
  std::vector<std::uint8_t> crops;
  for (const auto& d : found) {
    const image::Crop crop = finder_ ? cut(image, d, spec, options_.crop, image::crop_side(spec), spec.channels)
                                     : image::crop_whole(image, image::crop_side(spec), spec.channels);
    crops.insert(crops.end(), crop.pixels.datastart, crop.pixels.dataend);
    out.faces.push_back({d, {}, 0, notes_on(crop, image::crop_side(spec)), {}});
    if (const std::string turn = d.landmarks ? note_on_turn(*d.landmarks) : ""; !turn.empty())
      out.faces.back().notes.push_back(turn);
    if (options_.explain || options_.invert) out.faces.back().evidence.emplace().crop = crop;
  }
  out.times.crop = ms_since(crop_begin);

  const std::size_t crop_bytes = found.empty() ? 0 : crops.size() / found.size(), classes = card().classes.size();
  for (std::size_t first = 0; first < found.size(); first += kFaceBatch) {
    const std::size_t count = std::min(kFaceBatch, found.size() - first);
    const auto network_begin = Clock::now();
    const auto logits = session_->logits(std::span(crops).subspan(first * crop_bytes, count * crop_bytes), count,
                                         image::crop_side(spec), options_.flip);
    out.times.network += ms_since(network_begin);
    const auto post_begin = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      auto& f = out.faces[first + i];
      f.probabilities = face::softmax(std::span(logits).subspan(i * classes, classes), card().temperature);
      f.best = face::arg_max(f.probabilities);
      if (abstain_) f.unsure = !abstain_->is_sure(f.probabilities[f.best]);
      f.values = session_->values(i);
      if (f.evidence) {
        f.evidence->maps = session_->maps(i);
        f.evidence->pictures = session_->pictures(i);
        f.evidence->codes = session_->codes(i);
        f.evidence->features = session_->features(i);
      }
    }
    out.times.post += ms_since(post_begin);
  }
  if (options_.explain) explain(image, out);
  return out;
}

std::optional<ScoreMap> Recognizer::score_of(const Evidence& evidence, std::size_t target) {
  const auto activations = std::find_if(evidence.maps.begin(), evidence.maps.end(),
                                        [](const auto& maps) { return maps.name == kActivationMaps; });
  if (activations == evidence.maps.end()) return std::nullopt;
  const auto begin = Clock::now();
  const auto report = [&](std::size_t done, std::size_t total) {
    if (options_.progress && ms_since(begin) > kQuietMs)
      options_.progress({"Score-CAM", static_cast<std::int64_t>(done), static_cast<std::int64_t>(total), "channels"});
  };
  return score_cam(*session_, card(), evidence.crop.pixels, *activations, target,
                   {options_.score_channels, options_.flip, report});
}

void Recognizer::explain(const image::Image& image, Recognition& recognition) {
  const auto begin = Clock::now();
  for (auto& f : recognition.faces) {
    Evidence& e = *f.evidence;
    e.view = (finder_ ? cut(image, f.detection, card().input, options_.crop, kViewSide, 3)
                      : image::crop_whole(image, kViewSide, 3))
                 .pixels;
    cv::cvtColor(e.view, e.view, cv::COLOR_RGB2BGR);
    e.occlusion = occlusion_map(*session_, card(), e.crop.pixels, f.best, options_.flip);
    e.score = score_of(e, f.best);
  }
  recognition.times.explain = ms_since(begin);
}

}  // namespace mien::recognise
