// SPDX-License-Identifier: Apache-2.0
#include "mien/vision/draw.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"

namespace mien::vision {
namespace {

const cv::Scalar kBoxColour(80, 200, 40), kTextColour(255, 255, 255), kDotColour(60, 220, 255);

cv::Point to_cv(face::Point p) { return {static_cast<int>(std::lround(p.x - 0.5f)), static_cast<int>(std::lround(p.y - 0.5f))}; }

/// Text on a filled plate above the box, or inside its top edge where there is no room above.
void draw_label(cv::Mat& image, const cv::Rect& box, const std::string& label, double unit) {
  const int thickness = std::max(1, static_cast<int>(std::lround(unit * 1.6)));
  double scale = 0.55 * unit;
  int baseline = 0;
  cv::Size size = cv::getTextSize(label, cv::FONT_HERSHEY_SIMPLEX, scale, thickness, &baseline);
  if (size.width > image.cols) {  // narrow picture: the words must fit
    scale *= 0.95 * image.cols / size.width;
    size = cv::getTextSize(label, cv::FONT_HERSHEY_SIMPLEX, scale, thickness, &baseline);
  }
  const int pad = std::max(1, size.height / 3), height = size.height + baseline + pad;
  const int x = std::clamp(box.x, 0, std::max(0, image.cols - size.width - 2 * pad));
  const int y = box.y >= height ? box.y - height : std::max(0, box.y);
  const cv::Rect plate = cv::Rect(x, y, size.width + 2 * pad, height) & cv::Rect(0, 0, image.cols, image.rows);
  cv::rectangle(image, plate, kBoxColour, cv::FILLED);
  cv::putText(image, label, {x + pad, y + size.height + pad / 2}, cv::FONT_HERSHEY_SIMPLEX, scale, kTextColour, thickness, cv::LINE_AA);
}

}  // namespace

void draw_face(cv::Mat& image, const face::Detection& detection, const std::string& label) {
  const double unit = std::max(0.5, std::max(image.cols, image.rows) / 640.0);
  const face::Box b = face::clip(detection.box, static_cast<float>(image.cols), static_cast<float>(image.rows));
  const cv::Rect box(to_cv({b.x + 0.5f, b.y + 0.5f}), to_cv({b.x + b.width + 0.5f, b.y + b.height + 0.5f}));
  cv::rectangle(image, box, kBoxColour, std::max(1, static_cast<int>(std::lround(2 * unit))), cv::LINE_AA);
  if (detection.landmarks)
    for (const face::Point p : detection.landmarks->points())
      cv::circle(image, to_cv(p), std::max(1, static_cast<int>(std::lround(2 * unit))), kDotColour, cv::FILLED, cv::LINE_AA);
  draw_label(image, box, label, unit);
}

void write_image(const std::filesystem::path& path, const cv::Mat& image) {
  const std::string suffix = lower(path.extension().string());
  std::vector<unsigned char> bytes;
  bool written = false;
  try {
    written = cv::imencode(suffix, image, bytes, suffix == ".jpg" || suffix == ".jpeg" ? std::vector<int>{cv::IMWRITE_JPEG_QUALITY, 92} : std::vector<int>{});
  } catch (const cv::Exception&) {
  }
  if (!written)
    fail_usage(text("Pictures cannot be written as ", quote(suffix), " (", path.string(), ")."), "Choose .jpg, .png, .webp, .bmp or .tif.");
  write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace mien::vision
