// SPDX-License-Identifier: Apache-2.0
#include "mien/report/html.h"

#include <gtest/gtest.h>

namespace mien::report {
namespace {

TEST(Escape, MarkupAndQuotes) {
  EXPECT_EQ(escape("<script>alert('x')</script>&\"").str(),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;");
  EXPECT_EQ(escape("é 한 𝄞\n").str(), "é 한 𝄞\n");
}

TEST(Escape, BytesThatAreNotUtf8) {
  EXPECT_EQ(escape("a\xffz").str(), "a\xEF\xBF\xBDz");
  EXPECT_EQ(escape("\xC0\xBC").str(), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // '<' in two bytes, overlong
  EXPECT_EQ(escape("\xED\xA0\x80").str(), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
  EXPECT_EQ(escape("\xE2\x82").str(), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // cut off
  EXPECT_EQ(escape("\xF4\x90\x80\x80").str().substr(0, 3), "\xEF\xBF\xBD");         // beyond U+10FFFF
}

TEST(Escape, ControlCharactersBecomeVisible) {
  EXPECT_EQ(escape("\x1b[2J").str(), "␛[2J");
  EXPECT_EQ(escape(std::string("\0\x7f", 2)).str(), "␀␡");
  EXPECT_EQ(escape("\xC2\x85").str(), "\xEF\xBF\xBD");  // C1 controls have no picture
}

TEST(Tag, ClosesByItsName) {
  EXPECT_EQ(tag("p class=\"note\"", "a < b").str(), "<p class=\"note\">a &lt; b</p>");
  EXPECT_EQ(name_of_file("\"><img src=x>.jpg").str(), "<bdi class=\"file\">&quot;&gt;&lt;img src=x&gt;.jpg</bdi>");
}

TEST(DataUri, Base64) {
  EXPECT_EQ(data_uri("text/plain", "Man"), "data:text/plain;base64,TWFu");
  EXPECT_EQ(data_uri("text/plain", "Ma"), "data:text/plain;base64,TWE=");
  EXPECT_EQ(data_uri("text/plain", "M"), "data:text/plain;base64,TQ==");
  EXPECT_EQ(data_uri("x", std::string("\xff\x00", 2)), "data:x;base64,/wA=");
}

}  // namespace
}  // namespace mien::report
