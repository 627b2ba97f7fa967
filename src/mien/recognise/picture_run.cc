// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/picture_run.h"

#include <fmt/core.h>

#include "mien/base/container.h"
#include "mien/base/elapsed.h"
#include "mien/image/draw.h"
#include "mien/recognise/output_names.h"

namespace mien::recognise {
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

}  // namespace

PictureRun::PictureRun(PictureRunOptions options)
    : options_(std::move(options)),
      names_(annotated_names(options_.inputs)),
      pictures_(options_.inputs,
                options_.recognizer.finder.threads > 0 ? options_.recognizer.finder.threads : usable_cores()) {
  recognizer_.emplace(options_.recognizer);
  load_ms_ = ms_since(begin_);
  if (options_.page) page_.emplace(recognizer_->card(), options_.thumbnails);
  if (options_.recognizer.explain && !options_.out.empty()) explainer_.emplace(options_.out, recognizer_->card());
}

std::optional<PictureReport> PictureRun::next() {
  auto picture = pictures_.next();
  if (!picture) return std::nullopt;
  PictureReport report;
  report.path = picture->path;
  report.error = picture->error;
  report.notes = picture->notes;
  if (!report.error) report.recognition = recognizer_->recognize(picture->image);
  report.notes.insert(report.notes.end(), report.recognition.notes.begin(), report.recognition.notes.end());
  report.recognition.times.decode = picture->decode_ms;
  times_ += report.recognition.times;
  const bool is_written = !report.error && !options_.out.empty();
  if (is_written) report.annotated = options_.out / names_.at(num_done_);
  if (page_) page_->add(report, picture->image);  // before anything is drawn into the picture
  if (is_written) write_files(report, picture->image);
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

}  // namespace mien::recognise
