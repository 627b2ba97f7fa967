// SPDX-License-Identifier: Apache-2.0
#include "mien/present/picture_run.h"

#include <fmt/core.h>

#include "mien/base/container.h"
#include "mien/base/elapsed.h"
#include "mien/image/draw.h"
#include "mien/present/output_names.h"

namespace mien::present {
namespace {

std::vector<image::Annotation> annotations_of(const PictureReport& report, const face::ModelCard& card) {
  std::vector<image::Annotation> annotations;
  const auto& faces = report.recognition.faces;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const bool is_numbered = faces[i].evidence && faces.size() > 1;  // the sheet speaks of "face 2"
    annotations.push_back({faces[i].detection, fmt::format("{}{}", is_numbered ? fmt::format("{}  ", i + 1) : "",
                                                           label_of(faces[i], card))});
  }
  return annotations;
}

int num_threads(const PictureRunOptions& options) {
  const int given = options.recognizer.finder.threads;
  return given > 0 ? given : usable_cores();
}

/// Score-CAM reports its progress, so pictures that are explained come one by one.
int at_a_time(const PictureRunOptions& options) {
  return options.recognizer.explain ? 1 : recognise::pictures_at_a_time(num_threads(options), options.inputs.size());
}

}  // namespace

PictureRun::PictureRun(PictureRunOptions options)
    : options_(std::move(options)),
      names_(annotated_names(options_.inputs)),
      at_a_time_(at_a_time(options_)),
      pictures_(
          options_.inputs, num_threads(options_),
          at_a_time_ > 1 ? recognise::PictureStream::Decoding::when_used : recognise::PictureStream::Decoding::ahead) {
  if (at_a_time_ > 1) options_.recognizer.finder.threads = num_threads(options_) / at_a_time_;
  recognizer_.emplace(options_.recognizer);
  recognized_.emplace(*recognizer_, pictures_, at_a_time_);
  load_ms_ = ms_since(begin_);
  if (options_.page) page_.emplace(recognizer_->card(), options_.thumbnails);
  if (options_.recognizer.explain && !options_.out.empty()) explainer_.emplace(options_.out, recognizer_->card());
}

std::optional<PictureReport> PictureRun::next() {
  auto recognized = recognized_->next();
  if (!recognized) return std::nullopt;
  const recognise::Decoded& picture = recognized->picture;
  PictureReport report;
  report.path = picture.path;
  report.error = picture.error;
  report.notes = picture.notes;
  report.recognition = std::move(recognized->recognition);
  report.notes.insert(report.notes.end(), report.recognition.notes.begin(), report.recognition.notes.end());
  report.recognition.times.decode = picture.decode_ms;
  times_ += report.recognition.times;
  const bool is_written = !report.error && !options_.out.empty();
  if (is_written) report.annotated = options_.out / names_.at(num_done_);
  if (page_) page_->add(report, picture.image);  // before anything is drawn into the picture
  if (is_written) write_files(report, picture.image);
  ++num_done_;
  return report;
}

void PictureRun::write_files(PictureReport& report, image::Image image) {
  const auto begin = Clock::now();
  image::draw_faces(image, annotations_of(report, recognizer_->card()));
  image::write_image(report.annotated, image);
  if (explainer_) report.explanation = explainer_->add(report, image, report.annotated.stem().string());
  draw_ms_ += ms_since(begin);
}

std::filesystem::path PictureRun::finish_explanations() {
  return explainer_ ? explainer_->finish() : std::filesystem::path();
}

double PictureRun::total_ms() const { return ms_since(begin_); }

Json PictureRun::timing() const {
  Json timing = {{"load", load_ms_}};
  timing.update(times_json(times_));
  timing["draw"] = draw_ms_;
  timing["total"] = total_ms();
  return timing;
}

}  // namespace mien::present
