// SPDX-License-Identifier: Apache-2.0
#include "mien/image/image.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/image/exif.h"
#include "mien/image/jpeg.h"
#include "mien/image/png_chunks.h"
#include "mien/image/webp_chunks.h"

namespace mien::image {
namespace {

constexpr std::array<std::string_view, 6> kKinds = {"JPEG", "PNG", "BMP", "WebP", "TIFF", "PNM"};
constexpr std::array<std::string_view, 11> kSuffixes = {".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".webp",
                                                        ".tif", ".tiff", ".pgm", ".ppm", ".pnm"};
constexpr std::array<std::string_view, 9> kForeignSuffixes = {".heic", ".heif", ".hif", ".avif", ".gif",
                                                              ".jxl",  ".jp2",  ".psd", ".dng"};

std::string remedy_for(const std::string& kind) {
  if (kind == "empty") return "Copy or download the picture again.";
  if (kind.find("LFS") != std::string::npos) return "Get the picture with: git lfs pull.";
  if (kind.find("web page") != std::string::npos) return "Save the picture itself, not the web page.";
  if (kind == "a video file") return "Give single pictures instead.";
  if (kind.find("picture") != std::string::npos && kind != "not a picture") return "Convert it to JPEG or PNG first.";
  return "Give a JPEG, PNG, BMP, WebP, TIFF or PNM picture.";
}

void check_kind(std::string_view bytes, const std::string& origin) {
  const std::string kind = image_kind(bytes);
  for (const auto known : kKinds)
    if (kind == known) return;
  fail_input(fmt::format("{} is {}.", origin, kind), remedy_for(kind));
}

void check_size(std::string_view bytes, const std::string& origin) {
  const auto size = image_size(bytes);
  check_input(size.has_value(),
              fmt::format("{}: {} picture with a truncated or damaged header.", origin, image_kind(bytes)),
              "Copy or download the picture again.");
  check_input(size->width > 0 && size->height > 0 && size->width <= kMaxPixels / size->height,
              fmt::format("{}: {}x{} pixels; the limit is {} million.", origin, size->width, size->height,
                          kMaxPixels / 1'000'000),
              "Reduce the size of the picture first.");
}

constexpr const char* kAgain = "Copy or download the picture again.";
constexpr const char* kAnimated = "animated: only the first picture was read";

void note(std::vector<std::string>* notes, std::string words) {
  if (notes) notes->push_back(std::move(words));
}

Image decode_by_opencv(std::string_view bytes, int flags, const std::string& origin) {
  static const auto silent = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  static_cast<void>(silent);  // OpenCV would print what becomes an error here
  Image image;
  std::string why;
  try {
    const cv::Mat raw(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
    image = cv::imdecode(raw, flags);
  } catch (const cv::Exception& error) {
    why = fmt::format(" ({})", error.err);
  }
  check_input(!image.empty(), fmt::format("{}: damaged {} picture{}.", origin, image_kind(bytes), why), kAgain);
  return image;
}

Image decode_sound_jpeg(std::string_view bytes, const std::string& origin, std::vector<std::string>* notes) {
  JpegPicture picture = decode_jpeg(bytes);
  check_input(!picture.image.empty(), fmt::format("{}: damaged JPEG picture ({}).", origin, picture.error), kAgain);
  if (!picture.warning.empty()) note(notes, fmt::format("damaged file: {}", picture.warning));
  return std::move(picture.image);
}

Image decode_png(std::string_view bytes, const std::string& origin, std::vector<std::string>* notes) {
  const auto cleaned = png_for_decoding(bytes);
  check_input(cleaned.has_value(), fmt::format("{}: damaged PNG picture (a checksum is wrong).", origin), kAgain);
  if (bytes.substr(0, bytes.find("IDAT")).find("acTL") != std::string_view::npos) note(notes, kAnimated);
  return decode_by_opencv(*cleaned, cv::IMREAD_COLOR, origin);
}

/// OpenCV hands a WebP whose head it does not like to GDCM or GDAL, where these find their own marks in it: they would
/// read it from a file in /tmp, print, and allocate memory for any size that it claims.
void check_no_other_format(std::string_view bytes, const std::string& origin) {
  const bool is_other = bytes.size() > 132 &&
                        (bytes.substr(128, 4) == "DICM" || bytes.substr(0, 300).find("DTED") != std::string_view::npos);
  check_input(!is_other, fmt::format("{}: damaged WebP picture (another format inside).", origin), kAgain);
}

Image decode_webp(std::string_view bytes, const std::string& origin, std::vector<std::string>* notes) {
  constexpr int kAsStored = cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION;  // versions differ in heeding it
  const int orientation = exif_orientation(webp_exif(bytes));
  const auto frame = webp_first_frame(bytes);
  check_no_other_format(frame ? frame->file : bytes, origin);
  if (!frame) return upright(decode_by_opencv(bytes, kAsStored, origin), orientation);
  note(notes, kAnimated);
  const Image part = decode_by_opencv(frame->file, kAsStored, origin);
  Image canvas(static_cast<int>(frame->canvas.height), static_cast<int>(frame->canvas.width), CV_8UC3,
               cv::Scalar::all(255));
  const cv::Rect place = cv::Rect(frame->x, frame->y, part.cols, part.rows);
  check_input((place & cv::Rect({0, 0}, canvas.size())) == place,
              fmt::format("{}: damaged WebP picture (a frame exceeds the canvas).", origin), kAgain);
  part.copyTo(canvas(place));
  return upright(canvas, orientation);
}

}  // namespace

Image decode_image(std::string_view bytes, const std::string& origin, std::vector<std::string>* notes) {
  check_kind(bytes, origin);
  check_size(bytes, origin);
  const std::string kind = image_kind(bytes);
  check_input(is_complete(bytes), fmt::format("{}: {} picture is cut off after {} bytes.", origin, kind, bytes.size()),
              kAgain);
  if (kind == "JPEG") return decode_sound_jpeg(bytes, origin, notes);
  if (kind == "PNG") return decode_png(bytes, origin, notes);
  if (kind == "WebP") return decode_webp(bytes, origin, notes);
  return decode_by_opencv(bytes, cv::IMREAD_COLOR, origin);
}

Image load_image(const std::filesystem::path& path, std::vector<std::string>* notes) {
  require_file(path, "picture");
  return decode_image(read_file(path), path.string(), notes);
}

bool has_image_name(const std::filesystem::path& path) {
  return std::ranges::find(kSuffixes, lower(path.extension().string())) != kSuffixes.end();
}

bool has_foreign_image_name(const std::filesystem::path& path) {
  return std::ranges::find(kForeignSuffixes, lower(path.extension().string())) != kForeignSuffixes.end();
}

}  // namespace mien::image
