// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/explainer.h"

#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/image/draw.h"
#include "mien/recognise/evidence.h"
#include "mien/recognise/explanation_page.h"
#include "mien/recognise/sheet.h"

namespace mien::recognise {

Explainer::Explainer(std::filesystem::path folder, const face::ModelCard& card)
    : folder_(std::move(folder)), card_(card), page_("Explanation", card.name) {
  const AtomicFile probe(folder_ / "explain.html");  // say at once that nothing can be written here
}

Json Explainer::add(const recognise::PictureReport& report, const image::Image& annotated, const std::string& stem) {
  const auto& faces = report.recognition.faces;
  std::vector<FaceEvidence> evidence;
  Json summaries = Json::array();
  for (std::size_t i = 0; i < faces.size(); ++i) {
    evidence.push_back(evidence_of(faces[i], card_));
    std::vector<std::string> files;
    const auto pictures = tile_pictures(evidence.back());
    for (const auto& name : tile_names(evidence.back())) {
      const auto path = folder_ / "maps" / stem / text("face", i + 1, "-", name, ".jpg");
      image::write_image(path, pictures[files.size()]);
      files.push_back(path.string());
    }
    summaries.push_back(summary(evidence.back(), files));
  }
  const auto sheet_path = folder_ / "sheets" / (stem + ".png");
  image::write_image(sheet_path, sheet(report, annotated, evidence, card_));
  ++num_pictures_, num_faces_ += faces.size();
  if (num_shown_ + faces.size() <= kMaxPageFaces) {
    num_shown_ += faces.size();
    page_.add_section(report.path.filename().string(), picture_section(report, annotated, evidence, card_));
  }
  return {{"sheet", sheet_path.string()}, {"faces", std::move(summaries)}};
}

std::filesystem::path Explainer::finish() {
  if (num_pictures_ == 0) return {};
  std::string lead =
      "How each prediction was made. Warm colours mark evidence for a prediction or attention; cold colours mark "
      "evidence against it. A map shows what influences this network's prediction, not what a person feels.";
  if (num_shown_ < num_faces_)
    lead += text(" ", num_shown_, " of ", num_faces_,
                 " faces are on this page; the folder contains the sheets and maps of all faces.");
  page_.set_lead(report::escape(lead));
  page_.set_figures({{"pictures", std::to_string(num_pictures_), ""},
                     {"faces", std::to_string(num_faces_), ""},
                     {"classes", std::to_string(card_.classes.size()), ""},
                     {"method", card_.method, "weights " + card_.weights_hash.substr(0, 8)}});
  const auto path = folder_ / "explain.html";
  page_.write(path);
  return path;
}

}  // namespace mien::recognise
