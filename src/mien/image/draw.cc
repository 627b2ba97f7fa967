// SPDX-License-Identifier: Apache-2.0
#include "mien/image/draw.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <span>

#include "mien/base/crc32.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/output_guard.h"
#include "mien/base/text.h"

namespace mien::image {
namespace {

const cv::Scalar kBoxColour(80, 200, 40), kTextColour(255, 255, 255), kDotColour(60, 220, 255);

cv::Point to_cv(face::Point p) {
  return {static_cast<int>(std::lround(p.x - 0.5f)), static_cast<int>(std::lround(p.y - 0.5f))};
}

cv::Rect box_of(const face::Detection& d, const Image& image) {
  const face::Box b = face::clip(d.box, static_cast<float>(image.cols), static_cast<float>(image.rows));
  return {to_cv({b.x + 0.5f, b.y + 0.5f}), to_cv({b.x + b.width + 0.5f, b.y + b.height + 0.5f})};
}

/// Above the box, inside its top edge, below it: the first place inside the picture that no other label has.
cv::Rect place(const cv::Rect& box, cv::Size size, const Image& image, const std::vector<cv::Rect>& taken) {
  const int x = std::clamp(box.x, 0, std::max(0, image.cols - size.width));
  const cv::Rect inside(x, std::clamp(box.y, 0, std::max(0, image.rows - size.height)), size.width, size.height);
  for (const int y : {box.y - size.height, box.y, box.y + box.height}) {
    const cv::Rect plate(x, y, size.width, size.height);
    const bool is_free =
        std::none_of(taken.begin(), taken.end(), [&](const cv::Rect& t) { return (t & plate).area() > 0; });
    if (y >= 0 && y + size.height <= image.rows && is_free) return plate;
  }
  return inside;
}

cv::Rect draw_label(Image& image, const cv::Rect& box, const std::string& label, double unit,
                    const std::vector<cv::Rect>& taken) {
  const int thickness = std::max(1, static_cast<int>(std::lround(unit * 1.6)));
  double scale = 0.55 * unit;
  int baseline = 0;
  cv::Size size = cv::getTextSize(label, cv::FONT_HERSHEY_SIMPLEX, scale, thickness, &baseline);
  if (size.width > image.cols) {  // narrow picture: the words must fit
    scale *= 0.95 * image.cols / size.width;
    size = cv::getTextSize(label, cv::FONT_HERSHEY_SIMPLEX, scale, thickness, &baseline);
  }
  const int pad = std::max(1, size.height / 3);
  const cv::Rect plate = place(box, {size.width + 2 * pad, size.height + baseline + pad}, image, taken);
  cv::rectangle(image, plate & cv::Rect(0, 0, image.cols, image.rows), kBoxColour, cv::FILLED);
  cv::putText(image, label, {plate.x + pad, plate.y + size.height + pad / 2}, cv::FONT_HERSHEY_SIMPLEX, scale,
              kTextColour, thickness, cv::LINE_AA);
  return plate;
}

}  // namespace

void draw_faces(Image& image, const std::vector<Annotation>& annotations) {
  const double unit = std::max(0.5, std::max(image.cols, image.rows) / 640.0);
  const int line = std::max(1, static_cast<int>(std::lround(2 * unit)));
  for (const auto& [d, label] : annotations) {
    cv::rectangle(image, box_of(d, image), kBoxColour, line, cv::LINE_AA);
    if (!d.landmarks) continue;
    for (const face::Point p : d.landmarks->points())
      cv::circle(image, to_cv(p), line, kDotColour, cv::FILLED, cv::LINE_AA);
  }
  std::vector<cv::Rect> plates;
  for (const auto& [d, label] : annotations) plates.push_back(draw_label(image, box_of(d, image), label, unit, plates));
}

namespace {

std::string big_endian(std::uint32_t value) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(value >> shift & 0xFF);
  return out;
}

/// The encoded picture with kPictureMark as a comment: a segment behind a JPEG's first marker (ITU-T T.81, B.2.4.5), a
/// text chunk after a PNG's header (PNG specification, 11.3.4.3). Other formats are not changed.
std::string marked(std::string bytes, std::string_view suffix) {
  if (suffix == ".jpg" || suffix == ".jpeg") {
    const auto length = static_cast<std::uint32_t>(kPictureMark.size() + 2);
    bytes.insert(2, fmt::format("\xFF\xFE{}{}", big_endian(length).substr(2), kPictureMark));
  }
  if (suffix == ".png") {
    constexpr std::size_t kHeaderEnd = 8 + 4 + 4 + 13 + 4;  // signature; length, name, data and checksum of IHDR
    const std::string chunk = fmt::format("tEXtComment{}{}", std::string_view("\0", 1), kPictureMark);
    const std::uint32_t checksum = crc32(std::as_bytes(std::span(chunk.data(), chunk.size())));
    bytes.insert(kHeaderEnd, fmt::format("{}{}{}", big_endian(static_cast<std::uint32_t>(chunk.size() - 4)), chunk,
                                         big_endian(checksum)));
  }
  return bytes;
}

}  // namespace

void write_image(const std::filesystem::path& path, const Image& image) {
  const std::string suffix = lower(path.extension().string());
  std::vector<unsigned char> bytes;
  bool written = false;
  try {
    written = cv::imencode(
        suffix, image, bytes,
        suffix == ".jpg" || suffix == ".jpeg" ? std::vector<int>{cv::IMWRITE_JPEG_QUALITY, 92} : std::vector<int>{});
  } catch (const cv::Exception&) {
  }
  if (!written)
    fail_usage(fmt::format("Pictures cannot be written as {} ({}).", quote(suffix), path.string()),
               "Use .jpg, .png, .webp, .bmp or .tif.");
  write_file(path, marked(std::string(bytes.begin(), bytes.end()), suffix));
}

}  // namespace mien::image
