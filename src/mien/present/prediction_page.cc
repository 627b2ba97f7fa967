// SPDX-License-Identifier: Apache-2.0
#include "mien/present/prediction_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "mien/base/text.h"
#include "mien/image/encode.h"
#include "mien/report/browse.h"
#include "mien/report/charts.h"
#include "mien/report/table.h"

namespace mien::present {

using report::escape;
using report::Html;
namespace fs = std::filesystem;

namespace {

constexpr int kSide = 112;
constexpr int kQuality = 85;
constexpr double kThumbnailMargin = 1.3;  // of the box's longer side

std::string percent_of(float probability) { return percent_text(probability); }

/// Reasons for doubt: of the face, then of its picture.
std::vector<std::string> notes_of(const recognise::RecognizedFace& f, const PictureReport& r) {
  auto notes = f.notes;
  notes.insert(notes.end(), r.notes.begin(), r.notes.end());
  return notes;
}

/// "small" of "small: 24 px wide, trained on 48".
std::string kind_of(const std::string& note) { return note.substr(0, note.find(':')); }

std::string count(std::size_t n) { return report::count_text(static_cast<std::int64_t>(n)); }

/// The folder that holds all pictures.
fs::path common_folder(const std::vector<fs::path>& pictures) {
  if (pictures.empty()) return {};
  fs::path common = pictures.front().parent_path();
  for (const fs::path& picture : pictures) {
    const fs::path folder = picture.parent_path();
    const auto ends = std::mismatch(common.begin(), common.end(), folder.begin(), folder.end());
    fs::path shared;
    for (auto part = common.begin(); part != ends.first; ++part) shared /= *part;
    common = shared;
  }
  return common;
}

/// The runner-up, which shows how clear the prediction is.
std::string second_of(const recognise::RecognizedFace& f, const face::ModelCard& card) {
  const auto order = face::ranking(f.probabilities);
  return order.size() < 2 ? "" : fmt::format("{} {}", card.classes[order[1]], percent_of(f.probabilities[order[1]]));
}

}  // namespace

std::string face_thumbnail(const image::Image& image, const face::Box& box) {
  const double side = kThumbnailMargin * std::max(box.width, box.height);
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
  return report::data_uri("image/jpeg", image::encode_jpeg(small, kQuality));
}

std::string PicturesPage::name_of(std::size_t expression) const {
  return expression < card_.classes.size() ? card_.classes[expression] : "unsure";
}

void PicturesPage::add(const PictureReport& r, const image::Image& image) {
  ++num_pictures_;
  pictures_.push_back(r.path);
  if (r.error) {
    problems_.push_back({r.path, r.error->message(), r.error->remedy()});
    return;
  }
  if (r.recognition.faces.empty()) without_face_.push_back({r.path, join(r.notes, "; ")});
  for (std::size_t i = 0; i < r.recognition.faces.size(); ++i) {
    const auto& f = r.recognition.faces[i];
    const bool is_unsure = f.unsure.value_or(false);
    ++num_faces_;
    ++(is_unsure ? num_unsure_ : counts_[f.best]);
    num_doubtful_ += !f.notes.empty() || !r.notes.empty();
    if (faces_.size() == kMaxRows) continue;
    const std::string second = second_of(f, card_);
    faces_.push_back({r.path, r.annotated, i + 1, is_unsure ? card_.classes.size() : f.best, f.probabilities[f.best],
                      is_unsure ? fmt::format("{}, {}", card_.classes[f.best], second) : second, notes_of(f, r), ""});
    if (!thumbnails_ || num_thumbnails_ == kMaxThumbnails) continue;
    faces_.back().thumbnail = face_thumbnail(image, f.detection.box);
    ++num_thumbnails_;
  }
}

/// The faces in the order of their expressions, with what filters and orders them.
class PicturesPage::View {
 public:
  View(const PicturesPage& page, const fs::path& page_folder)
      : page_(page), page_folder_(page_folder), folder_(common_folder(page.pictures_)) {
    const auto& faces = page.faces_;
    for (std::size_t i = 0; i < faces.size(); ++i) order_.push_back(i);
    auto by_picture = order_, by_probability = order_;
    std::stable_sort(by_probability.begin(), by_probability.end(),
                     [&](std::size_t a, std::size_t b) { return faces[a].probability > faces[b].probability; });
    order_ = by_probability;
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return faces[a].expression < faces[b].expression; });
    ranks_.resize(faces.size());
    for (const auto& order : {order_, by_probability, by_picture})
      for (std::size_t place = 0; place < order.size(); ++place) ranks_[order[place]].push_back(place);
    choose_filters();
  }

  void add_to(report::Page& page) const {
    if (page_.faces_.empty()) return;
    page.add_rules(browsing_.rules());
    page.add_section("Faces", browsing_.controls() + gallery() + table(), note());
  }

  std::string name_of(const fs::path& picture) const {
    const fs::path relative = picture.lexically_relative(folder_);
    return relative.empty() ? picture.string() : relative.string();
  }

 private:
  void choose_filters() {
    for (std::size_t k = 0; k <= page_.card_.classes.size(); ++k)
      if (std::any_of(page_.faces_.begin(), page_.faces_.end(), [&](const Face& f) { return f.expression == k; }))
        expressions_.push_back(k);
    for (const Face& f : page_.faces_)
      for (const auto& note : f.notes)
        if (std::find(notes_.begin(), notes_.end(), kind_of(note)) == notes_.end()) notes_.push_back(kind_of(note));
    std::vector<std::string> names;
    for (const std::size_t k : expressions_) names.push_back(page_.name_of(k));
    browsing_.add_filter("Expression", names);
    if (!notes_.empty()) {
      auto kinds = notes_;
      kinds.emplace_back("none");
      browsing_.add_filter("Notes", kinds);
    }
    for (const char* order : {"expression", "probability", "picture"}) browsing_.add_order(order);
  }

  report::Browsing::Item item_of(std::size_t index) const {
    const Face& f = page_.faces_[index];
    const auto place_in = [](const auto& all, const auto& value) {
      return static_cast<std::size_t>(std::find(all.begin(), all.end(), value) - all.begin());
    };
    report::Browsing::Item item{{{place_in(expressions_, f.expression)}}, ranks_[index]};
    if (notes_.empty()) return item;
    std::vector<std::size_t> kinds;
    for (const auto& note : f.notes) kinds.push_back(place_in(notes_, kind_of(note)));
    if (f.notes.empty()) kinds.push_back(notes_.size());
    item.choices.push_back(kinds);
    return item;
  }

  /// The picture's name, as a link where an annotated copy was written.
  Html picture_of(const Face& f, const std::string& name) const {
    const Html shown = report::name_of_file(name);
    if (f.annotated.empty()) return shown;
    return report::link(fs::absolute(f.annotated).lexically_relative(fs::absolute(page_folder_)).string(), shown);
  }

  Html gallery() const {
    std::vector<report::Thumbnail> thumbnails;
    for (const std::size_t i : order_) {
      const Face& f = page_.faces_[i];
      if (f.thumbnail.empty()) continue;
      const std::string name = page_.name_of(f.expression);
      thumbnails.push_back({f.thumbnail, fmt::format("face {} of {}: {}", f.number, name_of(f.picture), name),
                            report::tag("strong", name) + escape(fmt::format(" {}\u00a0%", percent_of(f.probability))) +
                                Html::raw("<br>") + picture_of(f, f.picture.filename().string()),
                            browsing_.attributes(item_of(i))});
    }
    return thumbnails.empty() ? Html() : report::gallery(thumbnails);
  }

  Html table() const {
    std::vector<std::vector<Html>> rows;
    std::vector<std::string> attributes;
    for (const std::size_t i : order_) {
      const Face& f = page_.faces_[i];
      rows.push_back({picture_of(f, name_of(f.picture)), escape(std::to_string(f.number)),
                      escape(page_.name_of(f.expression)), escape(percent_of(f.probability)), escape(f.second),
                      escape(join(f.notes, "; "))});
      attributes.push_back(browsing_.attributes(item_of(i)));
    }
    return report::table({{"picture", false, true},
                          {"face", true},
                          {"expression", false},
                          {"probability, %", true},
                          {"next, %", false},
                          {"notes", false, true}},
                         rows, attributes);
  }

  std::string note() const {
    std::string out = folder_.empty() ? "" : fmt::format("Names are relative to {}.", folder_.string());
    if (page_.num_thumbnails_ > 0 && page_.num_thumbnails_ < page_.faces_.size())
      out += fmt::format(" The first {} faces are shown.", count(page_.num_thumbnails_));
    if (page_.num_faces_ > static_cast<std::int64_t>(page_.faces_.size()))
      out += fmt::format(" The first {} of {} faces; --format csv lists all faces.", count(page_.faces_.size()),
                         report::count_text(page_.num_faces_));
    return std::string(trim(out));
  }

  const PicturesPage& page_;
  fs::path page_folder_, folder_;
  std::vector<std::size_t> order_;               ///< by expression, most probable first
  std::vector<std::vector<std::size_t>> ranks_;  ///< of each face in each order
  std::vector<std::size_t> expressions_;         ///< that occur
  std::vector<std::string> notes_;               ///< kinds that occur
  report::Browsing browsing_;
};

report::Page PicturesPage::finish(const std::string& title,
                                  const std::vector<std::pair<std::string, std::string>>& facts,
                                  const std::string& command, const fs::path& page_folder) const {
  report::Page page("Pictures", title);
  page.set_lead(
      escape("The expression that the model predicts for each face, with its probability; not what a person feels."));
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
  const View view(*this, page_folder);
  std::vector<std::vector<Html>> problems;
  for (const Problem& p : problems_)
    problems.push_back({report::name_of_file(view.name_of(p.file)), escape(p.message), escape(p.remedy)});
  if (!problems.empty())
    page.add_section(
        "Problems",
        report::table({{"file", false, true}, {"problem", false, true}, {"remedy", false, true}}, problems));
  Html names;
  for (const Empty& e : without_face_)
    names += report::tag(
        "li", report::name_of_file(view.name_of(e.picture) + (e.notes.empty() ? "" : "  (" + e.notes + ")")));
  if (!without_face_.empty())
    page.add_section("No face detected or left", report::folded(fmt::format("{} pictures", count(without_face_.size())),
                                                                report::tag("ul class=\"names\"", names)));
  view.add_to(page);
  std::vector<std::pair<std::string, Html>> pairs;
  for (const auto& [name, value] : facts) pairs.emplace_back(name, escape(value));
  page.add_section("How these results were computed", report::facts(pairs) + report::code_block(command));
  return page;
}

}  // namespace mien::present
