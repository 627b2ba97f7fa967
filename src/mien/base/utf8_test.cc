// SPDX-License-Identifier: Apache-2.0
#include "mien/base/utf8.h"

#include <gtest/gtest.h>

namespace mien {
namespace {

TEST(Utf8, EachLengthIsReadAndWritten) {
  for (const auto& [code, bytes] : {std::pair<std::uint32_t, std::string>{0x41, "A"},
                                    {0xE9, "\xC3\xA9"},
                                    {0x20AC, "\xE2\x82\xAC"},
                                    {0x1F600, "\xF0\x9F\x98\x80"}}) {
    const Utf8Character c = first_character(bytes + "rest");
    EXPECT_TRUE(c.valid);
    EXPECT_EQ(c.code, code);
    EXPECT_EQ(c.bytes, bytes.size());
    EXPECT_EQ(utf8_of(code), bytes);
  }
}

TEST(Utf8, OverlongSurrogateCutAndLoneBytesAreOneByteOfReplacement) {
  for (const char* bad : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xE2\x82", "\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    const Utf8Character c = first_character(bad);
    EXPECT_FALSE(c.valid) << bad;
    EXPECT_EQ(c.code, kReplacementCharacter);
    EXPECT_EQ(c.bytes, 1u);
  }
}

}  // namespace
}  // namespace mien
