// SPDX-License-Identifier: Apache-2.0
#include "mien/report/page.h"

#include <fmt/core.h>

#include <ctime>

#include "mien/base/file.h"
#include "mien/base/output_guard.h"
#include "mien/base/version.h"
#include "mien/report/style.h"

namespace mien::report {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  char buffer[32];
  return std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M UTC", gmtime_r(&now, &parts)) ? buffer : "";
}

Html head(const std::string& title, int reload, const std::string& rules) {
  Html out =
      Html::raw("<meta charset=\"utf-8\">\n<meta " + std::string(kPageMark) +
                ">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
                "'unsafe-inline'\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n");
  if (reload > 0) out += Html::raw(fmt::format("<meta http-equiv=\"refresh\" content=\"{}\">\n", reload));
  // An icon of its own keeps browsers from asking the server for one.
  out += Html::raw("<link rel=\"icon\" href=\"data:,\">\n");
  return out + tag("title", title) + Html::raw("\n<style>\n") + Html::raw(std::string(style_sheet()) + rules) +
         Html::raw("</style>\n");
}

Html key_figures(const std::vector<KeyFigure>& figures) {
  Html out;
  for (const auto& f : figures)
    out +=
        tag("div", tag("dt", f.label) + tag("dd", tag("span class=\"value\"", f.value) +
                                                      (f.note.empty() ? Html() : tag("span class=\"hint\"", f.note))));
  return figures.empty() ? out : tag("dl class=\"key\"", out) + Html::raw("\n");
}

}  // namespace

void Page::add_section(std::string title, Html body, std::string note) {
  sections_.push_back({std::move(title), std::move(body), std::move(note)});
}

std::string Page::render() const {
  Html header = tag("p class=\"kind\"", kind_) + tag("h1", title_);
  if (!lead_.empty()) header += tag("p class=\"lead\"", lead_);
  Html main = tag("header", header) + Html::raw("\n") + key_figures(figures_);
  for (const auto& s : sections_) {
    Html body = tag("h2", s.title);
    if (!s.note.empty()) body += tag("p class=\"note\"", s.note);
    main += tag("section", body + s.body) + Html::raw("\n");
  }
  main += tag("footer", fmt::format("mien {} ({}) · {}", version(), git_revision(), utc_now()));
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n" + head(title_ + " · mien", reload_, rules_).str() +
         "</head>\n<body>\n" + tag("main", main).str() + "\n</body>\n</html>\n";
}

void Page::write(const std::filesystem::path& path) const { write_file(path, render()); }

Html paragraph(std::string_view text) { return tag("p", text); }

Html facts(const std::vector<std::pair<std::string, Html>>& pairs) {
  Html out;
  for (const auto& [name, value] : pairs) out += tag("div", tag("dt", name) + tag("dd", value));
  return tag("dl class=\"facts\"", out);
}

Html code_block(std::string_view text) { return tag("pre tabindex=\"0\"", tag("code", text)); }

Html folded(std::string_view summary, const Html& body) { return tag("details", tag("summary", summary) + body); }

Html figure(std::string_view title, const Html& legend, const Html& drawing, std::string_view caption) {
  Html out = title.empty() ? Html() : tag("h3", title);
  out += legend + drawing;
  if (!caption.empty()) out += tag("figcaption", caption);
  return tag("figure", out);
}

Html side_by_side(const std::vector<Html>& blocks) {
  Html out;
  for (const auto& block : blocks) out += block;
  return tag("div class=\"columns\"", out);
}

namespace {

Html image(const Thumbnail& t) {
  if (t.source.empty())
    return tag("span class=\"blank\" role=\"img\" aria-label=\"" + escape(t.alt).str() + "\"", Html());
  return Html::raw("<img src=\"" + escape(t.source).str() + "\" alt=\"" + escape(t.alt).str() + "\">");
}

}  // namespace

Html gallery(const std::vector<Thumbnail>& thumbnails, bool large) {
  Html out;
  for (const auto& t : thumbnails) out += tag("figure" + t.attributes, image(t) + tag("figcaption", t.caption));
  return tag(large ? "div class=\"gallery large\"" : "div class=\"gallery\"", out);
}

Html picture(const Thumbnail& t) {
  return tag("figure class=\"picture\"", image(t) + (t.caption.empty() ? Html() : tag("figcaption", t.caption)));
}

}  // namespace mien::report
