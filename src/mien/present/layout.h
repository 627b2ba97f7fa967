// SPDX-License-Identifier: Apache-2.0
// The explanation of one picture, laid out as content without a form: sheet.h draws it as a picture, explanation_page.h
// writes it as HTML. The sheet has little room; it shows what is marked for it.
#pragma once

#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mien/present/evidence.h"
#include "mien/present/picture_maps.h"
#include "mien/present/picture_report.h"

namespace mien::present {

/// How to read the colours: one text for sheet and page.
inline constexpr const char* kHowToRead =
    "Warm colours mark evidence for a prediction or attention; cold colours mark evidence against it. A map shows what "
    "influences this network's prediction, not what a person feels.";

struct Fact {
  std::string name, value;
  std::string brief = {};  ///< on the sheet, where all facts share a line; empty: not there
};

struct Panel {
  cv::Mat picture;
  std::string title, caption;
  std::optional<recognise::Scale> colours = {};  ///< of a map
  std::string detail = {};                       ///< more of the caption, on the page only
  bool is_on_sheet = true;
};

/// Pictures of one kind, such as the maps of one output.
struct PanelGroup {
  std::string title;
  std::string source;   ///< "head_maps, 4 × 4 cells"
  std::string meaning;  ///< a sentence
  std::string range;    ///< of the values in all panels
  std::vector<Panel> panels;
  bool is_open = false;  ///< on the page: shown at once, otherwise on a click
  bool is_on_sheet = true;
};

/// Named numbers.
struct Bars {
  std::string title;
  std::vector<std::pair<std::string, double>> values;
  std::vector<double> marks = {};  ///< a second number for each, or none
  std::string meaning = {};        ///< sentences
  std::string marks_meaning = {};  ///< of the marks, short
  bool is_open = true;
  bool is_on_sheet = false;
  bool is_numbered = false;  ///< the sheet prints the position instead of the name
};

/// Many numbers without names.
struct Columns {
  std::string title, name, meaning;
  std::vector<float> values;
};

/// What belongs together: a face, or the picture as a whole. Empty parts are left out.
struct Block {
  std::string heading;
  std::vector<Fact> facts;
  std::vector<std::pair<std::string, double>> probabilities;  ///< 0..1, largest first
  std::vector<Panel> panels;
  std::string note;  ///< a sentence below the panels
  std::vector<Bars> bars;
  std::string closed_bars;  ///< title of those that are shown on a click
  std::vector<PanelGroup> groups;
  PanelGroup strips;  ///< wide and low pictures
  std::vector<Columns> columns;
};

struct Layout {
  std::string title;        ///< name of the file
  Panel picture;            ///< with its boxes; the caption: size and faces
  std::string model, time;  ///< one line each
  std::vector<std::string> notes;
  std::vector<Block> blocks;  ///< the picture's own, if the model detects faces itself, then one per face
  std::size_t num_faces = 0;
};

/// `annotated` is the picture with its boxes; `evidence` belongs to report.recognition.faces, in their order.
/// `picture`: of a model that detects faces itself, otherwise null.
Layout lay_out(const PictureReport& report, const cv::Mat& annotated, const std::vector<FaceEvidence>& evidence,
               const face::ModelCard& card, const PictureMaps* picture = nullptr);

}  // namespace mien::present
