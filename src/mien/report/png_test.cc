// SPDX-License-Identifier: Apache-2.0
#include "mien/report/png.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"

namespace mien::report {
namespace {

TEST(Png, OneGreyPixelByteByByte) {
  // Sums from Python's zlib.crc32 and zlib.adler32 over the same bytes.
  const std::string expected(
      "\x89PNG\r\n\x1a\n"
      "\0\0\0\x0DIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\x3A\x7E\x9B\x55"
      "\0\0\0\x0DIDAT\x78\x01\x01\2\0\xFD\xFF\0\xC8\0\xCA\0\xC9\xAD\x63\x23\xB2"
      "\0\0\0\0IEND\xAE\x42\x60\x82",
      8 + 25 + 25 + 12);
  EXPECT_EQ(encode_png({1, 1, 1, {200}}), expected);
}

TEST(Png, RefusesSizesThatDoNotFit) {
  EXPECT_THROW(encode_png({2, 2, 1, {1, 2, 3}}), Error);
  EXPECT_THROW(encode_png({0, 0, 1, {}}), Error);
}

TEST(Shrunk, MeansOverBlocks) {
  const Pixels p = shrunk({4, 2, 1, {0, 10, 100, 100, 20, 30, 100, 104}}, 2);
  EXPECT_EQ(p.width, 2);
  EXPECT_EQ(p.height, 1);
  EXPECT_EQ(p.values, (std::vector<std::uint8_t>{15, 101}));
  EXPECT_EQ(shrunk({2, 2, 1, {1, 2, 3, 4}}, 2).values.size(), 4u);
}

}  // namespace
}  // namespace mien::report
