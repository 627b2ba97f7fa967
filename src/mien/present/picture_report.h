// SPDX-License-Identifier: Apache-2.0
// Results of predict in the formats of docs/formats.md: JSON (one object), JSON lines, CSV, and a table for people.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mien/base/error.h"
#include "mien/base/json.h"
#include "mien/recognise/recognizer.h"

namespace mien::present {

/// One picture's outcome: a recognition or an error.
struct PictureReport {
  std::filesystem::path path;
  recognise::Recognition recognition;
  std::optional<Error> error;
  std::vector<std::string> notes;        ///< on the picture as a whole: "damaged file: ...", "animated: ..."
  std::filesystem::path annotated = {};  ///< the copy with boxes; empty if none was written
  Json explanation = {};  ///< {"sheet", "faces":[summary…], "picture"} of Explainer::add; null without --explain
};

/// "no face left" if options removed all detected faces, otherwise "no face found".
std::string_view words_for_no_face(const recognise::Recognition& recognition);

/// {"path","width","height","faces":[...],"annotated","sheet"} or
/// {"path","faces":[],"error":{"kind","message","remedy"}}.
Json to_json(const PictureReport& report, const face::ModelCard& card);
/// Name, method, classes, hash and file of the model, and what its values mean where it has some.
Json model_json(const face::ModelCard& card, const std::filesystem::path& file);
Json times_json(const recognise::StageTimes& times);
/// "decode 12.0 ms, detect 20.1 ms, ..."
std::string times_line(const recognise::StageTimes& times);

std::string csv_header(const face::ModelCard& card);
/// One line per face; one line with empty cells if there is none. Ends with a line break.
std::string csv_rows(const PictureReport& report, const face::ModelCard& card);
struct TableOptions {
  std::size_t top = 1;       ///< most probable expressions shown
  bool with_values = false;  ///< the model's own values of the face too
};
/// One line per face. Ends with a line end.
std::string table_rows(const PictureReport& report, const face::ModelCard& card, const TableOptions& options = {});
/// "clarity 0.731", "weights: surprise 0.310, fear 0.120"
std::string words_of(const face::FaceValues& values);
/// "happiness 97 %", "unsure"
std::string label_of(const recognise::RecognizedFace& face, const face::ModelCard& card);

}  // namespace mien::present
