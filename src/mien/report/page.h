// SPDX-License-Identifier: Apache-2.0
// The shell of every report: one self-contained HTML file. Its content-security policy forbids scripts and every
// outside request; light and dark by prefers-color-scheme; one column on a phone, figures side by side on a desk.
//
//   Page page("Evaluation", "dan-ferplus on ferplus, test part");
//   page.set_figures({{"accuracy", "83.0 %", "81.7 to 84.3"}});
//   page.add_section("Confusion", confusion_table(...), "Rows are true classes.");
//   page.write(folder / "report.html");
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mien/report/html.h"

namespace mien::report {

/// A number large enough to be read first.
struct KeyFigure {
  std::string label, value, note;
};

class Page {
 public:
  /// `kind` is printed small above the title ("Evaluation", "Training", "Pictures", "Explanation").
  Page(std::string kind, std::string title) : kind_(std::move(kind)), title_(std::move(title)) {}
  /// A sentence or two under the title.
  void set_lead(Html lead) { lead_ = std::move(lead); }
  void set_figures(std::vector<KeyFigure> figures) { figures_ = std::move(figures); }
  /// The page reloads itself after this time while the run is in progress; 0: never.
  void set_reload(int seconds) { reload_ = seconds; }
  /// Rules of this page behind those of the style sheet, written by us alone (report/browse.h).
  void add_rules(const std::string& css) { rules_ += css; }
  /// `note` explains the section in a sentence under its heading.
  void add_section(std::string title, Html body, std::string note = {});

  std::string render() const;
  /// Whole or not at all.
  void write(const std::filesystem::path& path) const;

 private:
  struct Section {
    std::string title;
    Html body;
    std::string note;
  };
  std::string kind_, title_;
  Html lead_;
  std::vector<KeyFigure> figures_;
  int reload_ = 0;
  std::string rules_;
  std::vector<Section> sections_;
};

// The blocks of a section.

Html paragraph(std::string_view text);
/// Name and value, one pair a line; for facts such as data set, label rule, seed.
Html facts(const std::vector<std::pair<std::string, Html>>& pairs);
/// Preformatted text: a command, a configuration. Long lines scroll inside the block.
Html code_block(std::string_view text);
/// Shown on a click.
Html folded(std::string_view summary, const Html& body);
/// A drawing with its title above and its caption below; `legend` (see legend() in plot.h) may be empty.
Html figure(std::string_view title, const Html& legend, const Html& drawing, std::string_view caption = {});
/// Next to each other where there is room, below each other where not.
Html side_by_side(const std::vector<Html>& blocks);

struct Thumbnail {
  std::string source;  ///< data_uri(); empty: a blank frame
  std::string alt;     ///< what is to be seen, in words
  Html caption;
  std::string attributes = {};  ///< of its tag: Browsing::attributes()
};
/// Small pictures with captions, as many in a row as fit; `large` ones are to be looked into.
Html gallery(const std::vector<Thumbnail>& thumbnails, bool large = false);
/// One picture at most as wide as the page.
Html picture(const Thumbnail& picture);

}  // namespace mien::report
