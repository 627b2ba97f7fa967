// SPDX-License-Identifier: Apache-2.0
// predict --explain: writes the evidence of each picture into a folder and gives its summary.
//
//   FOLDER/sheets/STEM.png              the picture sheet
//   FOLDER/maps/STEM/face1-….jpg        the crop, the network's input, every map
//   FOLDER/maps/STEM/picture-….jpg      maps of the whole picture, of a model that detects faces itself
//   FOLDER/explain.html                 all pictures on one self-contained page
#pragma once

#include <filesystem>
#include <string>

#include "mien/base/json.h"
#include "mien/present/picture_report.h"
#include "mien/report/page.h"

namespace mien::present {

class Explainer {
 public:
  /// Throws failed if the folder cannot be written.
  Explainer(std::filesystem::path folder, const face::ModelCard& card);
  /// `annotated`: the picture with its boxes; `stem` names its files. Returns {"sheet", "faces":[summary…]}, and
  /// "picture" with the maps of the whole picture where there are some.
  Json add(const PictureReport& report, const image::Image& annotated, const std::string& stem);
  /// Writes the page and gives its path; empty if no picture was added. Faces beyond kMaxPageFaces have their files,
  /// but are not shown; the page says so.
  std::filesystem::path finish();

  static constexpr std::size_t kMaxPageFaces = 60;

 private:
  std::vector<std::string> write_maps(const std::string& stem, const std::string& prefix,
                                      const std::vector<std::string>& names,
                                      const std::vector<cv::Mat>& pictures) const;

  std::filesystem::path folder_;
  const face::ModelCard& card_;
  report::Page page_;
  report::Html scan_orders_;  ///< of the first picture whose model scans
  std::size_t num_pictures_ = 0, num_faces_ = 0, num_shown_ = 0;
};

}  // namespace mien::present
