// SPDX-License-Identifier: Apache-2.0
#include "mien/image/video_header.h"

#include <gtest/gtest.h>

#include <string>

#include "mien/image/image.h"

namespace mien::image {
namespace {

using namespace std::string_literals;

TEST(VideoHeader, EveryKindIsCalledAVideo) {
  std::string packets(400, '\xFF');
  packets[0] = packets[188] = packets[376] = 'G';
  std::string stamped(400, '\xFF');
  stamped[4] = stamped[196] = 'G';
  for (const std::string& start :
       {"RIFF\x10\0\0\0AVI LIST"s, "\x1A\x45\xDF\xA3\x01\0\0\0"s, "\0\0\0\x08wide\0\0\0\0mdat"s,
        "\0\0\0\x18"s + "ftypisom", "\0\0\0\x14"s + "ftypqt  ", "\x30\x26\xB2\x75\x8E\x66\xCF\x11"s,
        "FLV\x01\x05\0\0\0"s, "\0\0\x01\xBA\x44"s, "\0\0\x01\xB3\x14"s, "OggS\0\x02\0\0\0\0\x80theora"s,
        ".RMF\0\0\0\x12"s, "YUV4MPEG2 W16"s, packets, stamped})
    EXPECT_EQ(image_kind(start), "a video file") << start.substr(0, 12);
}

TEST(VideoHeader, OthersAreNot) {
  EXPECT_FALSE(is_video("GGGG"));
  EXPECT_FALSE(is_video("RIFF\x10\0\0\0WEBPVP8 "s));
  EXPECT_FALSE(is_video("OggS\0\x02 vorbis"s));
  EXPECT_FALSE(is_video(""));
  EXPECT_FALSE(is_video("RIFF"));
  EXPECT_FALSE(is_video("RIFF\x10\0\0"s));
}

}  // namespace
}  // namespace mien::image
