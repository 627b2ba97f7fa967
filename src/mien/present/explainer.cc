// SPDX-License-Identifier: Apache-2.0
#include "mien/present/explainer.h"

#include <fmt/core.h>

#include "mien/base/file.h"
#include "mien/image/draw.h"
#include "mien/present/evidence.h"
#include "mien/present/explanation_page.h"
#include "mien/present/picture_maps.h"
#include "mien/present/scan_animation.h"
#include "mien/present/sheet.h"

namespace mien::present {

Explainer::Explainer(std::filesystem::path folder, const face::ModelCard& card)
    : folder_(std::move(folder)), card_(card), page_("Explanation", card.name) {
  const AtomicFile probe(folder_ / "explain.html");  // say at once that nothing can be written here
}

std::vector<std::string> Explainer::write_maps(const std::string& stem, const std::string& prefix,
                                               const std::vector<std::string>& names,
                                               const std::vector<cv::Mat>& pictures) const {
  std::vector<std::string> files;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto path = folder_ / "maps" / stem / fmt::format("{}-{}.jpg", prefix, names[i]);
    image::write_image(path, pictures[i]);
    files.push_back(path.string());
  }
  return files;
}

Json Explainer::add(const PictureReport& report, const image::Image& annotated, const std::string& stem) {
  const auto& recognition = report.recognition;
  const auto& faces = recognition.faces;
  std::optional<PictureMaps> maps;
  Json out = Json::object();
  if (recognition.evidence) {
    maps = picture_maps(recognition, card_);
    out["picture"] = summary(*maps, write_maps(stem, "picture", picture_names(*maps), picture_tiles(*maps)));
    if (scan_orders_.empty() && !maps->outputs.empty())
      scan_orders_ = scan_animation(static_cast<int>(maps->outputs.front().tiles.size()), maps->outputs.front().rows,
                                    maps->outputs.front().columns);
  }
  std::vector<FaceEvidence> evidence;
  Json summaries = Json::array();
  for (std::size_t i = 0; i < faces.size(); ++i) {
    evidence.push_back(evidence_of(faces[i], card_, recognition.evidence ? &*recognition.evidence : nullptr));
    const auto files =
        write_maps(stem, fmt::format("face{}", i + 1), tile_names(evidence.back()), tile_pictures(evidence.back()));
    summaries.push_back(summary(evidence.back(), files));
    if (faces[i].evidence->box) summaries.back()["box"] = to_json(*faces[i].evidence->box);
  }
  const Layout layout = lay_out(report, annotated, evidence, card_, maps ? &*maps : nullptr);
  const auto sheet_path = folder_ / "sheets" / (stem + ".png");
  image::write_image(sheet_path, sheet(layout));
  ++num_pictures_, num_faces_ += faces.size();
  if (num_shown_ + faces.size() <= kMaxPageFaces) {
    num_shown_ += faces.size();
    page_.add_section(layout.title, picture_section(layout));
  }
  out["sheet"] = sheet_path.string();
  out["faces"] = std::move(summaries);
  return out;
}

std::filesystem::path Explainer::finish() {
  if (num_pictures_ == 0) return {};
  std::string lead = fmt::format("How each prediction was made. {}", kHowToRead);
  if (num_shown_ < num_faces_)
    lead += fmt::format(" {} of {} faces are on this page; the folder contains the sheets and maps of all faces.",
                        num_shown_, num_faces_);
  page_.set_lead(report::escape(lead));
  page_.set_figures({{"pictures", std::to_string(num_pictures_), ""},
                     {"faces", std::to_string(num_faces_), ""},
                     {"classes", std::to_string(card_.classes.size()), ""},
                     {"method", card_.method, "weights " + card_.weights_hash.substr(0, 8)}});
  if (!scan_orders_.empty())
    page_.add_section(
        "Orders of the scans", scan_orders_,
        "Each direction visits the cells of a map in its own order, from pale to dark. Diagonals continue at "
        "the other side.");
  const auto path = folder_ / "explain.html";
  page_.write(path);
  return path;
}

}  // namespace mien::present
