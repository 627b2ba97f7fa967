// SPDX-License-Identifier: Apache-2.0
#include "mien/image/codec.h"

#include <fmt/core.h>

#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"

namespace mien::image {
namespace {

constexpr const char* kAgain = "Copy or download the picture again.";

std::string remedy_for(const std::string& kind) {
  if (kind == "empty") return kAgain;
  if (kind.find("LFS") != std::string::npos) return "Get the picture with: git lfs pull.";
  if (kind.find("web page") != std::string::npos) return "Save the picture itself, not the web page.";
  if (kind == "a video file") return "Give single pictures instead.";
  if (kind.find("picture") != std::string::npos && kind != "not a picture") return "Convert it to JPEG or PNG first.";
  return fmt::format("Give a {} picture.", kReadableFormats);
}

struct FormatReader {
  std::string_view kind;
  Picture (*read)(const Source&);
};

constexpr FormatReader kReaders[] = {{"JPEG", read_jpeg}, {"PNG", read_png}, {"WebP", read_webp},
                                     {"TIFF", read_tiff}, {"GIF", read_gif}, {"HEIC", read_heif},
                                     {"AVIF", read_heif}, {"BMP", read_bmp}, {"PNM", read_pnm}};

}  // namespace

Image decode(const Source& source, std::vector<std::string>* notes) {
  for (const FormatReader& reader : kReaders) {
    if (source.kind != reader.kind) continue;
    Picture picture = reader.read(source);
    if (notes && !picture.note.empty()) notes->push_back(std::move(picture.note));
    return upright(picture.pixels, picture.orientation);
  }
  fail_input(fmt::format("{} is {}.", source.origin, source.kind), remedy_for(source.kind));
}

void check_size(const Source& source, std::int64_t width, std::int64_t height) {
  if (width <= 0 || height <= 0) fail_header(source);
  check_input(width <= source.max_pixels / height,
              fmt::format("{}: {}x{} pixels; the limit is {} million.", source.origin, width, height,
                          source.max_pixels / 1'000'000),
              "Reduce the size of the picture first.");
}

void fail_header(const Source& source) {
  fail_input(fmt::format("{}: {} picture with a truncated or damaged header.", source.origin, source.kind), kAgain);
}

void fail_cut(const Source& source) {
  fail_input(fmt::format("{}: {} picture is cut off after {} bytes.", source.origin, source.kind, source.bytes.size()),
             kAgain);
}

void fail_damaged(const Source& source, std::string_view why) {
  fail_input(fmt::format("{}: damaged {} picture ({}).", source.origin, source.kind, why), kAgain);
}

void fail_encoding(std::string_view kind, std::string_view why) {
  throw Error(ErrorKind::failed, fmt::format("A picture could not be written as {}: {}.", kind, why),
              "Choose another format or a smaller picture.");
}

void swap_red_and_blue(Image& image) {
  cv::Mat row;
  for (int y = 0; y < image.rows; ++y) {
    cv::Mat target = image.row(y);
    target.copyTo(row);  // small enough for the processor's cache
    cv::cvtColor(row, target, cv::COLOR_RGB2BGR);
  }
}

Image upright(const Image& stored, int orientation) {
  Image turned = stored, out;
  if (orientation >= 5 && orientation <= 8) cv::transpose(stored, turned);
  switch (orientation) {
    case 2:
    case 6:
      cv::flip(turned, out, 1);
      return out;
    case 3:
    case 7:
      cv::flip(turned, out, -1);
      return out;
    case 4:
    case 8:
      cv::flip(turned, out, 0);
      return out;
    default:
      return turned;
  }
}

}  // namespace mien::image
