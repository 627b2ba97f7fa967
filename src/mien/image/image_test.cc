// SPDX-License-Identifier: Apache-2.0
#include "mien/image/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/image/encode.h"
#include "mien/image/exif.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mien::image {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using namespace std::string_view_literals;
using namespace std::string_literals;

std::string encode_ppm(const Image& image) {
  std::string out = "P6\n" + std::to_string(image.cols) + " " + std::to_string(image.rows) + "\n255\n";
  for (const auto& pixel : cv::Mat_<cv::Vec3b>(image))
    for (const int c : {2, 1, 0}) out += static_cast<char>(pixel[c]);
  return out;
}

std::string encode(const Image& image, std::string_view suffix, int quality = 95) {
  if (suffix == ".jpg") return encode_jpeg(image, quality);
  if (suffix == ".png") return encode_png(image);
  if (suffix == ".webp") return encode_webp(image);
  if (suffix == ".bmp") return encode_bmp(image);
  if (suffix == ".tif") return encode_tiff(image);
  return encode_ppm(image);
}

/// 24 wide, 16 high: left half blue, right half red, top left corner white.
cv::Mat flag() {
  cv::Mat image(16, 24, CV_8UC3, cv::Scalar(255, 0, 0));
  image.colRange(12, 24).setTo(cv::Scalar(0, 0, 255));
  image(cv::Rect(0, 0, 8, 8)).setTo(cv::Scalar(255, 255, 255));
  return image;
}

/// A JPEG with an EXIF block that contains only the orientation, big-endian.
std::string with_orientation(const std::string& jpeg, char orientation) {
  const std::string tiff =
      std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"sv) + orientation + std::string("\0\0\0\0\0\0"sv);
  const std::string body = std::string("Exif\0\0"sv) + tiff;
  const auto length = static_cast<char>(body.size() + 2);
  return jpeg.substr(0, 2) + "\xFF\xE1" + std::string(1, '\0') + length + body + jpeg.substr(2);
}

TEST(Image, DecodesEveryFormatToUprightBgr) {
  for (const char* suffix : {".png", ".jpg", ".bmp", ".webp", ".tif", ".ppm"}) {
    const std::string bytes = encode(flag(), suffix);
    const Image image = decode_image(bytes, suffix);
    ASSERT_EQ(image.type(), CV_8UC3) << suffix;
    ASSERT_EQ(image.size(), cv::Size(24, 16)) << suffix;
    const double most = suffix == ".jpg"sv ? 255 : 0;  // the others are lossless
    EXPECT_LE(cv::norm(image, flag(), cv::NORM_INF), most) << suffix;
    EXPECT_GT(image.at<cv::Vec3b>(12, 4)[0], 200) << suffix;   // blue on the left
    EXPECT_GT(image.at<cv::Vec3b>(12, 20)[2], 200) << suffix;  // red on the right
  }
}

TEST(Image, JpegsThatDeclareTooManyPixelsAreRefused) {
  std::string bytes = encode(flag(), ".jpg");
  const std::size_t frame = bytes.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  bytes.replace(frame + 5, 4, "\x36\xB0\x36\xB0");  // 14,000 × 14,000
  EXPECT_THAT(error_of([&] { decode_image(bytes, "lying.jpg"); }).message(),
              ::testing::AllOf(HasSubstr("lying.jpg"), HasSubstr("cannot hold 14000x14000 pixels")));
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

TEST(Image, GreySixteenBitAndAlphaBecomeThreeBytes) {
  const cv::Mat grey(4, 4, CV_8UC1, cv::Scalar(77));
  EXPECT_EQ(decode_image(encode_png(grey), "grey").at<cv::Vec3b>(1, 1), cv::Vec3b(77, 77, 77));
  EXPECT_EQ(decode_image(encode_jpeg(grey, 100), "grey").at<cv::Vec3b>(1, 1), cv::Vec3b(77, 77, 77));
  // Written by Pillow: one pixel each; 16-bit grey 0x4D80, and (3, 2, 1) red-green-blue, clear.
  const Image deep = decode_image(from_hex("89504e470d0a1a0a0000000d49484452000000010000000110000000006aee471600"
                                           "00000b49444154789c63f06d0000011d00ce5325d96c0000000049454e44ae426082"),
                                  "deep");
  EXPECT_EQ(deep.at<cv::Vec3b>(0, 0), cv::Vec3b(0x4D, 0x4D, 0x4D));
  const Image clear = decode_image(from_hex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c48900"
                                            "00000d49444154789c63606662640000001900079cd9e08500000000"
                                            "49454e44ae426082"),
                                   "clear");
  EXPECT_EQ(clear.at<cv::Vec3b>(0, 0), cv::Vec3b(1, 2, 3));
}

TEST(Image, TextInAPngIsNotTakenForAChunk) {
  std::vector<std::string> notes;
  const Image image(3, 4, CV_8UC3, cv::Scalar(1, 2, 3));
  EXPECT_EQ(decode_image(encode_png(image, "eXIf acTL IDAT"), "text", &notes).size(), image.size());
  EXPECT_TRUE(notes.empty());
}

TEST(Image, InterlacedPngIsTurnedByItsExif) {
  // Grey, 2 × 1 as stored: 0x20, 0x60; Adam7; orientation 6 makes a column of it, the first pixel on top.
  const Image image = decode_image(from_hex("89504e470d0a1a0a0000000d4948445200000002000000010800000001a64e10c00000001a"
                                            "6558496649492a0008000000010012010300010000000600000000000000b74811290000"
                                            "000c49444154789c63506048000000c4008158639a1c0000000049454e44ae426082"),
                                   "interlaced");
  ASSERT_EQ(image.size(), cv::Size(1, 2));
  EXPECT_EQ(image.at<cv::Vec3b>(0, 0)[0], 0x20);
  EXPECT_EQ(image.at<cv::Vec3b>(1, 0)[0], 0x60);
}

TEST(Image, OrientationsOfOtherIntegerTypesCount) {
  for (const char* entry : {"\x03\0\x01\0\0\0\x06\0\0\0", "\x04\0\x01\0\0\0\x06\0\0\0", "\x01\0\x01\0\0\0\x06\0\0\0"})
    EXPECT_EQ(exif_orientation("II*\0\x08\0\0\0\x01\0\x12\x01"s + std::string(entry, 10) + "\0\0\0\0"s), 6);
  EXPECT_EQ(exif_orientation("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0\0\0\0\0"s), 1);
  EXPECT_EQ(exif_orientation("II*\0\x08\0\0"s), 1);
  EXPECT_EQ(exif_orientation(""), 1);
}

TEST(Image, PaletteGreyAlphaAndCmykBecomeBgr) {
  // Written by Pillow. Grey + alpha, 2 × 1: 200 opaque, 50 clear.
  const Image grey_alpha = decode_image(from_hex("89504e470d0a1a0a0000000d49484452000000020000000108040000005e2bb701000"
                                                 "0000d49444154789c6338f1df880100068601fad3"
                                                 "72ca8f0000000049454e44ae426082"),
                                        "grey-alpha");
  EXPECT_EQ(grey_alpha.at<cv::Vec3b>(0, 0), cv::Vec3b(200, 200, 200));
  // Palette of two colours, 2 × 1: (10, 20, 30), (200, 100, 50) red-green-blue.
  const Image palette = decode_image(from_hex("89504e470d0a1a0a0000000d49484452000000020000000101030000"
                                              "00ceecedc900000006504c54450a141ec8643277a0b39c0000000a49444154789c637000"
                                              "00004200412937f4ef0000000049454e44ae426082"),
                                     "palette");
  EXPECT_EQ(palette.at<cv::Vec3b>(0, 0), cv::Vec3b(30, 20, 10));
  EXPECT_EQ(palette.at<cv::Vec3b>(0, 1), cv::Vec3b(50, 100, 200));
  // Cyan 0, magenta 255, yellow 255, key 0: red.
  const Image cmyk = decode_image(from_hex("ffd8ffee000e41646f626500640000000000ffdb004300080606070605080707070909080a0"
                                           "c140d0c0b0b0c1912130f141d1a1f1e1d1a1c1c2024"
                                           "2e2720222c231c1c2837292c30313434341f27393d38323c2e333432ffc0001408004000400"
                                           "44311004d11005911004b1100ffc4001f0000010501"
                                           "010101010100000000000000000102030405060708090a0bffc400b51000020103030204030"
                                           "50504040000017d0102030004110512213141061351"
                                           "6107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a343"
                                           "5363738393a434445464748494a535455565758595a"
                                           "636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a"
                                           "6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9"
                                           "cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda000e0443004"
                                           "d0059004b00003f00f7faf9febe7faf7fa28a28a28a"
                                           "28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a"
                                           "28a28a28a28a28a28a28a28a28a28a28a28a28a28a2"
                                           "8a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a2"
                                           "8a28a28a28a28a28a28a28a28a28a28a28a28a28a28"
                                           "a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28"
                                           "a28a28a28a28a28a28a28a28a28a28a28a28a28a28a"
                                           "28a28a28a28a28afffd9"),
                                  "cmyk");
  EXPECT_GT(cmyk.at<cv::Vec3b>(3, 3)[2], 240);
  EXPECT_LT(cmyk.at<cv::Vec3b>(3, 3)[1], 15);
}

TEST(Image, GifGivesItsFirstPicture) {
  // Written by Pillow, 2 × 1: (10, 20, 30), (200, 100, 50) red-green-blue.
  const std::string bytes =
      from_hex("47494638376102000100810000c864320a141e0000000000002c00000000020001000008050003000808003b");
  const Image image = decode_image(bytes, "a.gif");
  ASSERT_EQ(image.size(), cv::Size(2, 1));
  EXPECT_EQ(image.at<cv::Vec3b>(0, 0), cv::Vec3b(30, 20, 10));
  EXPECT_EQ(image.at<cv::Vec3b>(0, 1), cv::Vec3b(50, 100, 200));
  std::vector<std::string> notes;
  const std::string frame = bytes.substr(25, bytes.size() - 26);
  decode_image(bytes.substr(0, bytes.size() - 1) + frame + ";", "two.gif", &notes);
  EXPECT_THAT(notes, ::testing::ElementsAre(HasSubstr("animated")));
  std::string off = bytes;
  off[26] = 1;  // one pixel to the right: beyond the canvas
  EXPECT_THAT(error_of([&] { decode_image(off, "off.gif"); }).message(), HasSubstr("exceeds the canvas"));
  for (std::size_t length = 6; length < bytes.size(); ++length)
    EXPECT_THROW(decode_image(bytes.substr(0, length), "cut.gif"), Error) << length;
}

/// Blue on the left, red on the right, 32 × 16. The HEIC file carries EXIF orientation 6, which libheif leaves to the
/// file's own rotation box: there is none.
TEST(Image, HeicAndAvifAreReadWhereLibheifIs) {
  for (const char* name : {"a.heic", "a.avif"}) {
    const std::string bytes = read_file("tests/fuzz/corpus/image/" + std::string(name));
    Image image;
    try {
      image = decode_image(bytes, name);
    } catch (const Error& error) {
      ASSERT_THAT(error.message(), HasSubstr("libheif")) << name;
      ASSERT_THAT(error.remedy(), HasSubstr("libheif1")) << name;
      continue;
    }
    ASSERT_EQ(image.size(), cv::Size(32, 16)) << name;
    EXPECT_GT(image.at<cv::Vec3b>(8, 4)[0], 200) << name;
    EXPECT_GT(image.at<cv::Vec3b>(8, 28)[2], 200) << name;
    EXPECT_LT(image.at<cv::Vec3b>(8, 28)[0], 50) << name;
    for (std::size_t length = 12; length < bytes.size(); length += 7)
      EXPECT_THROW(decode_image(std::string_view(bytes).substr(0, length), "cut"), Error) << name << length;
  }
}

/// A BMP of 8 × 2 pixels and four bits, with the grey levels 0, 16, ..., 240 as palette.
std::string bmp_of(char compression, const std::string& pixels) {
  std::string palette;
  for (int i = 0; i < 16; ++i) palette += std::string(3, static_cast<char>(16 * i)) + '\0';
  return "BM\0\0\0\0\0\0\0\0\x76\0\0\0\x28\0\0\0\x08\0\0\0\x02\0\0\0\x01\0\x04\0"s + compression +
         std::string(23, '\0') + palette + pixels;
}

TEST(Image, BmpRunLengthsAreUnpacked) {
  // Bottom row: 5 × (1, 2 by turns), end of row; top row: 3 single pixels 3, 4, 5 and a pad byte; end.
  const Image image = decode_image(bmp_of(2, "\x05\x12\0\0\0\x03\x34\x50\0\x01"s), "rle4.bmp");
  const auto grey = [&](int y, int x) { return image.at<cv::Vec3b>(y, x)[1] / 16; };
  const int bottom[] = {1, 2, 1, 2, 1, 0, 0, 0}, top[] = {3, 4, 5, 0, 0, 0, 0, 0};
  for (int x = 0; x < 8; ++x) {
    EXPECT_EQ(grey(1, x), bottom[x]) << x;
    EXPECT_EQ(grey(0, x), top[x]) << x;
  }
  const Image plain = decode_image(bmp_of(0, "\x01\x23\x45\x67\x89\xAB\xCD\xEF"s), "plain.bmp");
  EXPECT_EQ(plain.at<cv::Vec3b>(1, 3)[0], 48);
  EXPECT_EQ(plain.at<cv::Vec3b>(0, 7)[0], 240);
  EXPECT_THAT(error_of([] { decode_image(bmp_of(2, "\x09\x12\0\x01"s), "long.bmp"); }).message(), HasSubstr("run"));
}

TEST(Image, PnmSamplesOfEveryForm) {
  const auto values = [](std::string_view bytes) {
    const Image image = decode_image(bytes, "a.pnm");
    std::vector<int> out;
    for (const auto& pixel : cv::Mat_<cv::Vec3b>(image)) out.push_back(pixel[2]);
    return out;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(values("P1 # bits\n3 1\n1 01"), ElementsAre(0, 255, 0));
  EXPECT_THAT(values("P2 3 1 7 0 7 9"), ElementsAre(0, 255, 255));  // scaled, and clipped to the maximum
  EXPECT_THAT(values("P3 1 1 255 9 8 7"), ElementsAre(9));
  EXPECT_THAT(values("P4 3 1\n\xA0"), ElementsAre(0, 255, 0));
  EXPECT_THAT(values("P5 3 1 7\n\x01\x02\x07"), ElementsAre(1, 2, 7));  // bytes are not scaled
  EXPECT_THAT(values("P5 2 1 65535\n\x12\x34\x56\x78"), ElementsAre(0x12, 0x56));
}

TEST(Image, HonoursAllEightOrientations) {
  // Where the white corner of the stored picture (top left) must appear, by the EXIF standard.
  struct Expected {
    char orientation;
    bool is_turned, corner_right, corner_bottom;
  };
  const std::string jpeg = encode(flag(), ".jpg", 100);
  for (const Expected e : {Expected{1, false, false, false},
                           {2, false, true, false},
                           {3, false, true, true},
                           {4, false, false, true},
                           {5, true, false, false},
                           {6, true, true, false},
                           {7, true, true, true},
                           {8, true, false, true}}) {
    const Image image = decode_image(with_orientation(jpeg, e.orientation), "turned");
    EXPECT_EQ(image.cols, e.is_turned ? 16 : 24) << int(e.orientation);
    const int x = e.corner_right ? image.cols - 3 : 2, y = e.corner_bottom ? image.rows - 3 : 2;
    EXPECT_GT(image.at<cv::Vec3b>(y, x)[1], 200) << int(e.orientation);
  }
}

/// A WebP file of these chunks; VP8X first if `flags` declares more than a still picture.
std::string webp_of(char flags, const std::vector<std::pair<std::string, std::string>>& chunks) {
  const auto little = [](std::size_t n) {
    return std::string{static_cast<char>(n), static_cast<char>(n >> 8), '\0', '\0'};
  };
  std::string body = "WEBPVP8X" + little(10) + std::string{flags, 0, 0, 0, 23, 0, 0, 15, 0, 0};
  for (const auto& [name, data] : chunks)
    body += name + little(data.size()) + data + std::string(data.size() % 2, '\0');
  return "RIFF" + little(body.size()) + body;
}

TEST(Image, WebpExifTurnsAreHonoured) {
  const std::string still = encode(flag(), ".webp").substr(12);  // the chunk "VP8 " with its head
  const std::string pixels = still.substr(8);
  const std::string exif = "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s;
  const Image image = decode_image(webp_of(0x08, {{still.substr(0, 4), pixels}, {"EXIF", exif}}), "turned.webp");
  EXPECT_EQ(image.cols, 16);
  EXPECT_GT(image.at<cv::Vec3b>(2, 13)[1], 200);  // the white corner is at the top right
}

TEST(Image, OfAnimatedWebpTheFirstPictureIsReadAndSaid) {
  const std::string still = encode(flag(), ".webp").substr(12);
  const std::string frame = std::string("\0\0\0\0\0\0\x17\0\0\x0F\0\0\x64\0\0\0"sv) + still;
  std::vector<std::string> notes;
  const Image image =
      decode_image(webp_of(0x02, {{"ANIM", std::string(6, '\0')}, {"ANMF", frame}, {"ANMF", frame}}), "a.webp", &notes);
  EXPECT_EQ(image.cols, 24);
  EXPECT_GT(image.at<cv::Vec3b>(12, 20)[2], 200);
  EXPECT_THAT(notes, ::testing::ElementsAre(HasSubstr("animated")));
  std::string off = frame;
  off[0] = 9;  // 18 pixels to the right: beyond the canvas
  EXPECT_THROW(decode_image(webp_of(0x02, {{"ANMF", off}}), "off.webp"), Error);
}

TEST(Image, DamageInTheMiddleOfAJpegIsNoted) {
  cv::Mat noise(64, 64, CV_8UC3);
  cv::randu(noise, 0, 255);
  const std::string good = encode(noise, ".jpg");
  std::vector<std::string> notes;
  const Image whole = decode_image(good, "good", &notes);
  EXPECT_TRUE(notes.empty());
  std::string bad = good;
  for (std::size_t i = 0; i < 24; ++i) bad[good.size() / 2 + i] = static_cast<char>(i * 7 + 1);
  const Image damaged = decode_image(bad, "bad", &notes);
  EXPECT_THAT(notes, ::testing::ElementsAre(HasSubstr("damaged file: ")));
  EXPECT_NE(cv::norm(whole, damaged, cv::NORM_INF), 0);
}

TEST(Image, CutPicturesAreErrorsAtEveryLength) {
  cv::Mat noise(40, 40, CV_8UC3);
  cv::randu(noise, 0, 255);
  for (const char* suffix : {".jpg", ".png", ".webp", ".bmp", ".ppm", ".tif"}) {
    const std::string bytes = encode(noise, suffix);
    for (std::size_t length = 0; length < bytes.size() - 1; length += 1 + bytes.size() / 97)
      EXPECT_THROW(decode_image(std::string_view(bytes).substr(0, length), "cut"), Error) << suffix << length;
    EXPECT_NO_THROW(decode_image(bytes + "trailing bytes", "longer")) << suffix;
  }
}

TEST(Image, FlippedBytesNeverEscapeAsAnythingButAnError) {
  cv::Mat noise(24, 24, CV_8UC3);
  cv::randu(noise, 0, 255);
  for (const char* suffix : {".png", ".bmp", ".webp", ".tif", ".ppm"}) {
    const std::string good = encode(noise, suffix);
    for (std::size_t i = 0; i < good.size(); i += 1 + good.size() / 200) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 0xA5);
      try {
        const Image image = decode_image(bad, "flipped");
        EXPECT_EQ(image.type(), CV_8UC3);
      } catch (const Error&) {
      }
    }
  }
}

TEST(Image, EveryFlippedByteOfPngPixelsIsNoticed) {
  const std::string good = encode(flag(), ".png");
  const std::size_t pixels = good.find("IDAT") + 4;
  for (std::size_t i = pixels; i < good.size() - 16; ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_THAT(error_of([&] { decode_image(bad, "bad.png"); }).message(), HasSubstr("damaged PNG")) << i;
  }
}

TEST(Image, HugeDeclaredSizesAreRefusedByTheHeader) {
  std::string png = encode(flag(), ".png");
  png.replace(16, 8, "\0\0\x4E\x20\0\0\x4E\x20"sv);  // 20,000 x 20,000
  const Error error = error_of([&] { decode_image(png, "huge.png"); });
  EXPECT_EQ(error.kind(), ErrorKind::bad_input);
  EXPECT_THAT(error.message(), HasSubstr("huge.png: 20000x20000 pixels"));
  png.replace(16, 8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
  EXPECT_THROW(decode_image(png, "huger.png"), Error);
  png.replace(16, 8, "\0\0\0\0\0\0\0\x01"sv);
  EXPECT_THROW(decode_image(png, "empty.png"), Error);
}

TEST(Image, OtherFilesAreNamedForWhatTheyAre) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "is empty."},
      {"<!DOCTYPE html><html>", "is a web page, not the picture itself."},
      {"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer"},
      {std::string("\0\0\0\x18"
                   "ftypisom\0\0\0\0"sv),
       "a video file"},
      {"\xFF\x0A", "a JPEG XL picture"},
      {"some notes\n", "a text file"},
      {"BMXyz: notes that begin like a bitmap", "a text file"},
      {std::string("\x01\x02\x03\x04\x05", 5), "not a picture"},
  };
  for (const auto& [bytes, words] : cases) {
    const Error error = error_of([&] { decode_image(bytes, "file.jpg"); });
    EXPECT_EQ(error.kind(), ErrorKind::bad_input) << words;
    EXPECT_THAT(error.message(), HasSubstr(words));
    EXPECT_FALSE(error.remedy().empty()) << words;
  }
}

TEST(Image, FilesByNameAndByContent) {
  const testing::TempDir dir;
  write_file(dir / "really-png.JPG", encode(flag(), ".png"));
  EXPECT_EQ(load_image(dir / "really-png.JPG").cols, 24);
  EXPECT_EQ(error_of([&] { load_image(dir / "none.jpg"); }).kind(), ErrorKind::missing);
  EXPECT_TRUE(has_image_name("a/b.JPeG"));
  EXPECT_FALSE(has_image_name("notes.txt"));
  EXPECT_FALSE(has_image_name(".DS_Store"));
}

TEST(ContentKind, IsKnownByTheFirstBytes) {
  using namespace std::string_view_literals;
  const auto expect = [](std::string_view head, Content content, const std::string& words) {
    const ContentKind kind = content_kind(head);
    EXPECT_EQ(kind.content, content) << words;
    EXPECT_EQ(kind.words, words);
  };
  expect("\xFF\xD8\xFF\xE0", Content::picture, "JPEG");
  expect("P5 2 2 255\n1234", Content::picture, "PNM");
  expect("P1 is the first person", Content::other, "text file");
  expect("GIF89a", Content::picture, "GIF");
  expect("\0\0\0\x0CjP  \r\n"sv, Content::foreign_picture, "JPEG 2000 picture");
  expect(
      "\0\0\0\x18"
      "ftypavif"sv,
      Content::picture, "AVIF");
  expect(
      "\0\0\0\x18"
      "ftypisom"sv,
      Content::video, "video file");
  expect("path,label\n", Content::other, "text file");
  expect("\x93NUMPY\x01\0"sv, Content::other, "NumPy array");
  expect("PK\x03\x04", Content::other, "zip archive");
  expect("", Content::other, "empty file");
  expect("\0\1\2\3"sv, Content::other, "other file");
}

}  // namespace
}  // namespace mien::image
