// SPDX-License-Identifier: Apache-2.0
#include "mien/image/draw.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/output_guard.h"
#include "mien/base/text.h"
#include "mien/image/encode.h"

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
  if (size.width > image.cols) {  // narrow picture: the text must fit
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

void write_image(const std::filesystem::path& path, const Image& image) {
  constexpr int kQuality = 92;
  const std::string suffix = lower(path.extension().string());
  std::string bytes;
  if (suffix == ".jpg" || suffix == ".jpeg")
    bytes = encode_jpeg(image, kQuality, kPictureMark);
  else if (suffix == ".png")
    bytes = encode_png(image, kPictureMark);
  else if (suffix == ".webp")
    bytes = encode_webp(image);
  else if (suffix == ".bmp")
    bytes = encode_bmp(image);
  else if (suffix == ".tif" || suffix == ".tiff")
    bytes = encode_tiff(image);
  else
    fail_usage(fmt::format("Pictures cannot be written as {} ({}).", quote(suffix), path.string()),
               "Use .jpg, .png, .webp, .bmp or .tif.");
  write_file(path, bytes);
}

}  // namespace mien::image
