// SPDX-License-Identifier: Apache-2.0
// The results of predict for many pictures as a page (report.html): counts by expression, the faces as pictures and as
// a table, both to be filtered and ordered, and problems.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mien/present/picture_report.h"
#include "mien/report/page.h"

namespace mien::present {

class PicturesPage {
 public:
  PicturesPage(const face::ModelCard& card, bool thumbnails)
      : card_(card), thumbnails_(thumbnails), counts_(card.classes.size()) {}
  /// Stores text and, unless the page was made without them, a small JPEG of each face; `image` may be empty after an
  /// error.
  void add(const PictureReport& report, const image::Image& image);
  /// `title` names the folder; `facts` describe the run (model, detector, time). Names are given relative to the folder
  /// that holds all pictures, and lead to the annotated pictures, seen from `page_folder`.
  report::Page finish(const std::string& title, const std::vector<std::pair<std::string, std::string>>& facts,
                      const std::string& command, const std::filesystem::path& page_folder) const;

  /// More faces than these are counted but not listed: the table stays readable in a browser.
  static constexpr std::size_t kMaxRows = 5000, kMaxThumbnails = 400;

 private:
  struct Face {
    std::filesystem::path picture, annotated;
    std::size_t number;      ///< in its picture, from 1
    std::size_t expression;  ///< the number of classes: unsure
    float probability;
    std::string second;              ///< the runner-up, which shows how clear the prediction is
    std::vector<std::string> notes;  ///< reasons for doubt: of the face, then of its picture
    std::string thumbnail;           ///< a data URI; empty: without
  };
  struct Problem {
    std::filesystem::path file;
    std::string message, remedy;
  };
  struct Empty {
    std::filesystem::path picture;
    std::string notes;
  };
  class View;  ///< what finish() knows beyond the results

  std::string name_of(std::size_t expression) const;

  const face::ModelCard& card_;
  bool thumbnails_;
  std::vector<std::int64_t> counts_;  ///< answered faces per class
  std::int64_t num_pictures_ = 0, num_faces_ = 0, num_doubtful_ = 0, num_unsure_ = 0;
  std::size_t num_thumbnails_ = 0;
  std::vector<std::filesystem::path> pictures_;
  std::vector<Face> faces_;
  std::vector<Problem> problems_;
  std::vector<Empty> without_face_;
};

/// The face with some surroundings, square, as a data URI of a JPEG with sides of at most 112 pixels; empty if the
/// box is outside.
std::string face_thumbnail(const image::Image& image, const face::Box& box);

}  // namespace mien::present
