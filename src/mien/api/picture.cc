// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <opencv2/imgproc.hpp>

#include "mien/api/access.h"

namespace mien {
namespace {

struct Layout {
  int channels;
  int to_bgr;  ///< cv::ColorConversionCodes; -1: no conversion
};

Layout layout_of(PixelFormat format) {
  switch (format) {
    case PixelFormat::grey:
      return {1, cv::COLOR_GRAY2BGR};
    case PixelFormat::rgb:
      return {3, cv::COLOR_RGB2BGR};
    case PixelFormat::bgr:
      return {3, -1};
    case PixelFormat::rgba:
      return {4, cv::COLOR_RGBA2BGR};
    case PixelFormat::bgra:
      return {4, cv::COLOR_BGRA2BGR};
  }
  fail_usage(fmt::format("Unknown pixel format {}.", static_cast<int>(format)), "Use grey, rgb, bgr, rgba or bgra.");
}

}  // namespace

const PictureData& Access::data(const Picture& picture) {
  if (!picture.image_) fail_usage("The picture is empty.", "Create one with Picture::load, decode or from.");
  return *static_cast<const PictureData*>(picture.image_.get());
}

Picture Access::picture(PictureData data) {
  Picture out;
  out.image_ = std::make_shared<const PictureData>(std::move(data));
  return out;
}

Picture Picture::load(const std::string& path) {
  PictureData data;
  data.image = image::load_image(path, &data.notes);
  return Access::picture(std::move(data));
}

Picture Picture::decode(std::span<const std::byte> bytes, const std::string& name) {
  PictureData data;
  data.image = image::decode_image({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name, &data.notes);
  return Access::picture(std::move(data));
}

Picture Picture::from(const Pixels& pixels) {
  const Layout layout = layout_of(pixels.format);
  if (!pixels.data || pixels.width <= 0 || pixels.height <= 0 || pixels.width > image::kMaxPixels / pixels.height)
    fail_usage(fmt::format("Pixels of {}x{}{}.", pixels.width, pixels.height, pixels.data ? "" : " without data"),
               fmt::format("Give at least one and at most {} million pixels.", image::kMaxPixels / 1'000'000));
  const std::size_t row = static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(layout.channels);
  const std::size_t stride = pixels.stride ? pixels.stride : row;
  if (stride < row)
    fail_usage(fmt::format("A stride of {} bytes is shorter than a row of {}.", stride, row),
               "Give the number of bytes from row to row, or 0.");
  const cv::Mat view(pixels.height, pixels.width, CV_8UC(layout.channels), const_cast<std::uint8_t*>(pixels.data),
                     stride);
  image::Image image;
  if (layout.to_bgr < 0)
    image = view.clone();
  else
    cv::cvtColor(view, image, layout.to_bgr);
  return Access::picture({std::move(image), {}});
}

int Picture::width() const { return Access::image(*this).cols; }
int Picture::height() const { return Access::image(*this).rows; }

}  // namespace mien
