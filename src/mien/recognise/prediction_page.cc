// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/prediction_page.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "mien/base/text.h"
#include "mien/report/charts.h"
#include "mien/report/table.h"

namespace mien::recognise {

using report::escape;
using report::Html;

namespace {

constexpr int kSide = 112;
constexpr double kMargin = 1.3;  // of the box's longer side

std::string percent_of(float probability) { return percent_text(probability); }

/// Reasons for doubt: of the face, then of its picture.
std::string notes_of(const RecognizedFace& f, const PictureReport& r) {
  auto notes = f.notes;
  notes.insert(notes.end(), r.notes.begin(), r.notes.end());
  return join(notes, "; ");
}

/// The runner-up, which shows how clear the prediction is.
std::string second_of(const RecognizedFace& f, const face::ModelCard& card) {
  const auto order = face::ranking(f.probabilities);
  return order.size() < 2 ? "" : text(card.classes[order[1]], " ", percent_of(f.probabilities[order[1]]));
}

}  // namespace

std::string face_thumbnail(const image::Image& image, const face::Box& box) {
  const double side = kMargin * std::max(box.width, box.height);
  const cv::Rect wanted(static_cast<int>(std::lround(box.x + box.width / 2 - side / 2)),
                        static_cast<int>(std::lround(box.y + box.height / 2 - side / 2)),
                        std::max(1, static_cast<int>(std::lround(side))),
                        std::max(1, static_cast<int>(std::lround(side))));
  const cv::Rect inside = wanted & cv::Rect(0, 0, image.cols, image.rows);
  if (inside.empty()) return "";
  cv::Mat small;
  const double scale = std::min(1.0, kSide / static_cast<double>(std::max(inside.width, inside.height)));
  cv::resize(
      image(inside), small,
      {std::max(1, static_cast<int>(inside.width * scale)), std::max(1, static_cast<int>(inside.height * scale))}, 0, 0,
      cv::INTER_AREA);
  std::vector<std::uint8_t> bytes;
  if (!cv::imencode(".jpg", small, bytes, {cv::IMWRITE_JPEG_QUALITY, 85})) return "";
  return report::data_uri("image/jpeg", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void PicturesPage::add(const PictureReport& r, const image::Image& image) {
  ++num_pictures_;
  const std::string path = r.path.string();
  if (r.error) {
    problems_.push_back({report::name_of_file(path), escape(r.error->message()), escape(r.error->remedy())});
    return;
  }
  if (r.recognition.faces.empty())
    without_face_.push_back(r.notes.empty() ? path : path + "  (" + join(r.notes, "; ") + ")");
  for (std::size_t i = 0; i < r.recognition.faces.size(); ++i) {
    const auto& f = r.recognition.faces[i];
    const bool is_unsure = f.unsure.value_or(false);
    const std::string name = is_unsure ? "unsure" : card_.classes[f.best];
    ++num_faces_;
    ++(is_unsure ? num_unsure_ : counts_[f.best]);
    num_doubtful_ += !f.notes.empty() || !r.notes.empty();
    if (rows_.size() < kMaxRows)
      rows_.push_back({report::name_of_file(path), escape(std::to_string(i + 1)), escape(name),
                       escape(percent_of(f.probabilities[f.best])),
                       escape(is_unsure ? text(card_.classes[f.best], ", ", second_of(f, card_)) : second_of(f, card_)),
                       escape(notes_of(f, r))});
    if (thumbnails_ && shown_.size() < kMaxThumbnails)
      shown_.push_back(
          {is_unsure ? card_.classes.size() : f.best,
           f.probabilities[f.best],
           {face_thumbnail(image, f.detection.box), text("face ", i + 1, " of ", path, ": ", name),
            report::tag("strong", name) + escape(text(" ", percent_of(f.probabilities[f.best]), "\u00a0%")) +
                Html::raw("<br>") + report::name_of_file(r.path.filename().string())}});
  }
}

void PicturesPage::add_faces_section(report::Page& page) const {
  if (!shown_.empty()) {
    auto shown = shown_;
    std::stable_sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) {
      return a.expression != b.expression ? a.expression < b.expression : a.probability > b.probability;
    });
    std::vector<report::Thumbnail> thumbnails;
    for (auto& s : shown) thumbnails.push_back(std::move(s.thumbnail));
    const auto count = [](std::size_t n) { return report::count_text(static_cast<std::int64_t>(n)); };
    page.add_section("Faces", report::gallery(thumbnails),
                     text("By expression, most confident first.",
                          num_faces_ > static_cast<std::int64_t>(shown.size())
                              ? text(" The first ", count(shown.size()), " of ", report::count_text(num_faces_), ".")
                              : ""));
  }
  if (rows_.empty()) return;
  const bool cut = num_faces_ > static_cast<std::int64_t>(rows_.size());
  page.add_section("Table",
                   report::table({{"picture", false, true},
                                  {"face", true},
                                  {"expression", false},
                                  {"probability, %", true},
                                  {"next, %", false},
                                  {"notes", false, true}},
                                 rows_),
                   cut ? text("The first ", report::count_text(static_cast<std::int64_t>(rows_.size())), " of ",
                              report::count_text(num_faces_), " faces; --format csv lists all faces.")
                       : "One row per face.");
}

void PicturesPage::add_problems(report::Page& page) const {
  if (!problems_.empty())
    page.add_section(
        "Problems",
        report::table({{"file", false, true}, {"problem", false, true}, {"remedy", false, true}}, problems_));
  if (without_face_.empty()) return;
  Html names;
  for (const auto& name : without_face_) names += report::tag("li", report::name_of_file(name));
  page.add_section(
      "No face detected or left",
      report::folded(text(report::count_text(static_cast<std::int64_t>(without_face_.size())), " pictures"),
                     report::tag("ul class=\"names\"", names)));
}

report::Page PicturesPage::finish(const std::string& title,
                                  const std::vector<std::pair<std::string, std::string>>& facts,
                                  const std::string& command) const {
  report::Page page("Pictures", title);
  page.set_lead(
      escape("The expression that the model predicts for each face, with its probability; not what a person feels."));
  const auto count = [](std::size_t n) { return report::count_text(static_cast<std::int64_t>(n)); };
  page.set_figures({{"pictures", report::count_text(num_pictures_), ""},
                    {"faces", report::count_text(num_faces_),
                     num_doubtful_ > 0 ? report::count_text(num_doubtful_) + " with notes" : ""},
                    {"without a face", count(without_face_.size()), ""},
                    {"problems", count(problems_.size()), ""}});
  std::vector<std::pair<std::string, std::int64_t>> bars;
  for (std::size_t k = 0; k < counts_.size(); ++k) bars.emplace_back(card_.classes[k], counts_[k]);
  std::stable_sort(bars.begin(), bars.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (num_unsure_ > 0) bars.emplace_back("unsure", num_unsure_);
  page.add_section("Expressions", report::count_bars(bars), "Faces by their most probable expression.");
  add_problems(page);
  add_faces_section(page);
  std::vector<std::pair<std::string, Html>> pairs;
  for (const auto& [name, value] : facts) pairs.emplace_back(name, escape(value));
  page.add_section("How these results were computed", report::facts(pairs) + report::code_block(command));
  return page;
}

}  // namespace mien::recognise
