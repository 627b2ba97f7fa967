// SPDX-License-Identifier: Apache-2.0
#include "mien/report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/file.h"
#include "support/temp_dir.h"

namespace mien::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHostile = "</title><script>alert(1)</script><img src=http://example.org/x.png>";

TEST(Page, HostileWordsStayWords) {
  Page page(kHostile, kHostile);
  page.set_lead(escape(kHostile));
  page.set_figures({{kHostile, kHostile, kHostile}});
  page.add_section(
      kHostile,
      facts({{kHostile, name_of_file(kHostile)}}) + code_block(kHostile) + folded(kHostile, paragraph(kHostile)) +
          gallery({{"", kHostile, escape(kHostile)}, {kHostile, kHostile, {}}}) + figure(kHostile, {}, {}, kHostile),
      kHostile);
  const std::string html = page.render();
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<img src=http")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
  EXPECT_EQ(html.find("</title>"), html.rfind("</title>"));
}

TEST(Page, ForbidsScriptsAndRequests) {
  const std::string html = Page("a", "b").render();
  EXPECT_THAT(html, HasSubstr("content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\""));
  EXPECT_THAT(html, Not(HasSubstr("http-equiv=\"refresh\"")));
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
}

TEST(Page, ReloadsOnlyWhileAsked) {
  Page page("Training", "x");
  page.set_reload(30);
  EXPECT_THAT(page.render(), HasSubstr("http-equiv=\"refresh\" content=\"30\""));
}

TEST(Page, IsWrittenWhole) {
  const testing::TempDir dir;
  Page("Kind", "Title").write(dir / "report.html");
  const std::string html = read_file(dir / "report.html");
  EXPECT_THAT(html, ::testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(html, ::testing::EndsWith("</html>\n"));
}

}  // namespace
}  // namespace mien::report
