// SPDX-License-Identifier: Apache-2.0
#include "mien/present/picture_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/shortest.h"
#include "mien/base/text.h"
#include "mien/report/table.h"

namespace mien::present {
namespace {

/// Pixels to a hundredth, probabilities to a millionth: enough, and stable in text.
double px(float value) { return rounded(value, 100); }
double share(float value) { return rounded(value, 1e6); }

Json values_json(const face::FaceValues& v) {
  if (v.values.size() == 1) return share(v.values.front());
  Json json = Json::object();
  for (std::size_t i = 0; i < v.values.size(); ++i) json[v.labels[i]] = share(v.values[i]);
  return json;
}

Json face_json(const recognise::RecognizedFace& f, const face::ModelCard& card) {
  const face::Box& b = f.detection.box;
  Json landmarks = Json::array(), probabilities = Json::object();
  if (f.detection.landmarks)
    for (const auto& p : f.detection.landmarks->points()) landmarks.push_back({px(p.x), px(p.y)});
  for (std::size_t k = 0; k < card.classes.size(); ++k) probabilities[card.classes[k]] = share(f.probabilities[k]);
  Json json = {{"box", {px(b.x), px(b.y), px(b.width), px(b.height)}},
               {"detection_score", share(f.detection.score)},
               {"landmarks", landmarks},
               {"expression", card.classes[f.best]},
               {"probability", share(f.probabilities[f.best])},
               {"probabilities", probabilities},
               {"notes", f.notes}};
  if (f.unsure) json["unsure"] = *f.unsure;
  for (const auto& v : f.values) json["values"][v.name] = values_json(v);
  return json;
}

/// The face's reasons for doubt, then the picture's.
std::vector<std::string> notes_of(const PictureReport& report, const recognise::RecognizedFace& f) {
  std::vector<std::string> notes = f.notes;
  notes.insert(notes.end(), report.notes.begin(), report.notes.end());
  return notes;
}

std::size_t count_values(const face::ModelCard& card) {
  std::size_t n = 0;
  for (const auto& o : card.outputs) n += o.labels.size();
  return n;
}

/// The files of face `index`: its picture's annotated copy and sheet, its own maps.
std::string files_cells(const PictureReport& report, std::size_t index) {
  std::string sheet;
  std::vector<std::string> maps;
  if (!report.explanation.is_null()) {
    sheet = report.explanation.at("sheet").get<std::string>();
    const Json& faces = report.explanation.at("faces");
    if (index < faces.size()) {
      maps = {faces[index].at("crop").get<std::string>(), faces[index].at("input").get<std::string>()};
      for (const Json& map : faces[index].at("maps")) maps.push_back(map.at("file").get<std::string>());
    }
  }
  return fmt::format("{},{},{}", csv_cell(report.annotated.string()), csv_cell(sheet), csv_cell(join(maps, "; ")));
}

std::string in_brackets(const std::vector<std::string>& notes) {
  return notes.empty() ? "" : "  (" + join(notes, "; ") + ")";
}

}  // namespace

std::string_view words_for_no_face(const recognise::Recognition& recognition) {
  return recognition.left_out.total() > 0 ? "no face left" : "no face found";
}

Json to_json(const PictureReport& report, const face::ModelCard& card) {
  Json out = {{"path", report.path.string()}};
  if (!report.error) out["width"] = report.recognition.width, out["height"] = report.recognition.height;
  out["faces"] = Json::array();
  for (const auto& f : report.recognition.faces) out["faces"].push_back(face_json(f, card));
  out["notes"] = report.notes;
  if (const recognise::LeftOut& left_out = report.recognition.left_out; left_out.total() > 0)
    out["left_out"] = {{"min_face", left_out.min_face}, {"min_score", left_out.min_score}};
  if (!report.annotated.empty()) out["annotated"] = report.annotated.string();
  if (!report.explanation.is_null()) {
    out["sheet"] = report.explanation.at("sheet");
    if (report.explanation.contains("picture")) out["explanation"] = report.explanation.at("picture");
    for (std::size_t i = 0; i < report.recognition.faces.size(); ++i)
      out["faces"][i]["explanation"] = report.explanation.at("faces").at(i);
  }
  if (report.error)
    out["error"] = {{"kind", to_string(report.error->kind())},
                    {"message", report.error->message()},
                    {"remedy", report.error->remedy()}};
  return out;
}

Json model_json(const face::ModelCard& card, const std::filesystem::path& file) {
  Json json = {{"name", card.name},
               {"method", card.method},
               {"classes", card.classes},
               {"temperature", card.temperature},
               {"file", file.string()},
               {"weights_hash", card.weights_hash},
               {"mien_version", card.mien_version}};
  for (const auto& o : card.outputs)
    if (!o.labels.empty())
      json["values"].push_back({{"name", o.name}, {"meaning", o.meaning}, {"range", o.range}, {"labels", o.labels}});
  return json;
}

Json times_json(const recognise::StageTimes& t) {
  auto ms = [](double v) { return rounded(v, 1000); };
  Json times = {{"decode", ms(t.decode)}, {"detect", ms(t.detect)},   {"landmarks", ms(t.landmarks)},
                {"crop", ms(t.crop)},     {"network", ms(t.network)}, {"post", ms(t.post)}};
  if (t.explain > 0) times["explain"] = ms(t.explain);
  return times;
}

std::string times_line(const recognise::StageTimes& times) {
  std::vector<std::string> parts;
  const Json stages = times_json(times);
  for (const auto& [stage, ms] : stages.items()) parts.push_back(fmt::format("{} {:.1f} ms", stage, ms.get<double>()));
  return join(parts, ", ");
}

std::string csv_header(const face::ModelCard& card) {
  std::string line = "path,face,x,y,width,height,detection_score,expression,probability";
  for (const auto& name : card.classes) line += "," + csv_cell(name);
  line += ",notes,error,unsure";
  for (const auto& o : card.outputs)
    for (const auto& label : o.labels)
      line += "," + csv_cell(o.labels.size() == 1 ? o.name : fmt::format("{}.{}", o.name, label));
  return line + ",annotated,sheet,maps\n";
}

std::string csv_rows(const PictureReport& report, const face::ModelCard& card) {
  const std::string path = csv_cell(report.path.string()),
                    error = report.error ? csv_cell(report.error->message()) : "";
  if (report.recognition.faces.empty())
    return path + std::string(8 + card.classes.size() + 1, ',') + csv_cell(join(report.notes, "; ")) + "," + error +
           std::string(1 + count_values(card), ',') + "," + files_cells(report, 0) + "\n";
  std::string out;
  for (std::size_t i = 0; i < report.recognition.faces.size(); ++i) {
    const auto& f = report.recognition.faces[i];
    const face::Box& b = f.detection.box;
    std::vector<std::string> cells = {path, std::to_string(i + 1)};
    for (const float v : {b.x, b.y, b.width, b.height}) cells.push_back(fixed(v, 2));
    cells.push_back(fixed(f.detection.score, 4));
    cells.push_back(csv_cell(card.classes[f.best]));
    cells.push_back(fixed(f.probabilities[f.best], 6));
    for (const float p : f.probabilities) cells.push_back(fixed(p, 6));
    cells.push_back(csv_cell(join(notes_of(report, f), "; ")));
    cells.push_back(error);
    cells.push_back(!f.unsure ? "" : *f.unsure ? "true" : "false");
    for (const auto& v : f.values)
      for (const float value : v.values) cells.push_back(fixed(value, 6));
    cells.push_back(files_cells(report, i));
    out += join(cells, ",") + "\n";
  }
  return out;
}

std::string words_of(const face::FaceValues& v) {
  if (v.values.size() == 1) return fmt::format("{} {}", v.name, report::number_text(v.values.front()));
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < v.values.size(); ++i)
    parts.push_back(fmt::format("{} {}", v.labels[i], report::number_text(v.values[i])));
  return fmt::format("{}: {}", v.name, join(parts, ", "));
}

std::string label_of(const recognise::RecognizedFace& f, const face::ModelCard& card) {
  if (f.unsure.value_or(false)) return "unsure";
  return fmt::format("{} {} %", card.classes[f.best], std::lround(100 * f.probabilities[f.best]));
}

std::string table_rows(const PictureReport& report, const face::ModelCard& card, const TableOptions& options) {
  const std::string path = report.path.string();
  if (report.error) return "";
  if (report.recognition.faces.empty())
    return fmt::format("{}  {}{}\n", path, words_for_no_face(report.recognition), in_brackets(report.notes));
  std::string out;
  for (std::size_t i = 0; i < report.recognition.faces.size(); ++i) {
    const auto& f = report.recognition.faces[i];
    const face::Box& b = f.detection.box;
    std::vector<std::string> names;
    const auto order = face::ranking(f.probabilities);
    for (std::size_t k = 0; k < std::min(std::max<std::size_t>(1, options.top), order.size()); ++k)
      names.push_back(fmt::format("{} {:.1f} %", card.classes[order[k]], 100 * f.probabilities[order[k]]));
    out += fmt::format("{}  face {}  box {},{} {}x{}  {}", path, i + 1, std::lround(b.x), std::lround(b.y),
                       std::lround(b.width), std::lround(b.height),
                       f.unsure.value_or(false) ? fmt::format("unsure ({})", join(names, ", ")) : join(names, ", "));
    for (const auto& v : f.values)
      if (options.with_values) out += "  " + words_of(v);
    out += in_brackets(notes_of(report, f)) + "\n";
  }
  return out;
}

}  // namespace mien::present
