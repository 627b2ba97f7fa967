// SPDX-License-Identifier: Apache-2.0
// The results of predict for many pictures as a page (report.html): counts by expression, a table of faces, problems,
// and, on request, the faces themselves.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mien/recognise/picture_report.h"
#include "mien/report/page.h"

namespace mien::recognise {

class PicturesPage {
 public:
  PicturesPage(const face::ModelCard& card, bool thumbnails)
      : card_(card), thumbnails_(thumbnails), counts_(card.classes.size()) {}
  /// Stores text and, on request, a small JPEG of each face; `image` may be empty after an error.
  void add(const PictureReport& report, const image::Image& image);
  /// `title` names the folder; `facts` describe the run (model, detector, time).
  report::Page finish(const std::string& title, const std::vector<std::pair<std::string, std::string>>& facts,
                      const std::string& command) const;

  /// More faces than these are counted but not listed: the table stays readable in a browser.
  static constexpr std::size_t kMaxRows = 5000, kMaxThumbnails = 400;

 private:
  void add_faces_section(report::Page& page) const;
  void add_problems(report::Page& page) const;

  struct Shown {
    std::size_t expression;
    float probability;
    report::Thumbnail thumbnail;
  };
  const face::ModelCard& card_;
  bool thumbnails_;
  std::vector<std::int64_t> counts_;  ///< answered faces per class
  std::int64_t num_pictures_ = 0, num_faces_ = 0, num_doubtful_ = 0, num_unsure_ = 0;
  std::vector<std::vector<report::Html>> rows_;
  std::vector<std::vector<report::Html>> problems_;
  std::vector<std::string> without_face_;
  std::vector<Shown> shown_;
};

/// The face with some surroundings, square, as a data URI of a JPEG with sides of at most 112 pixels; empty if the
/// box is outside.
std::string face_thumbnail(const image::Image& image, const face::Box& box);

}  // namespace mien::recognise
