// SPDX-License-Identifier: Apache-2.0
#include "mien/image/whole_picture.h"

#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/image/bicubic.h"

namespace mien::image {

WholePicture fit_whole(const Image& image, int width, int height, int channels) {
  check_input(image.type() == CV_8UC3 && !image.empty(), "A whole picture must have three 8-bit channels.");
  check_input(width >= 1 && width <= 4096 && height >= 1 && height <= 4096 && (channels == 1 || channels == 3),
              "Size or channels of a whole picture are out of range.");
  WholePicture out;
  out.letterbox = {image.cols, image.rows, width, height};
  const auto place = out.letterbox.place();
  cv::Mat converted;
  cv::cvtColor(image, converted, channels == 1 ? cv::COLOR_BGR2GRAY : cv::COLOR_BGR2RGB);
  out.pixels = cv::Mat(height, width, channels == 1 ? CV_8UC1 : CV_8UC3, cv::Scalar::all(face::kBorderGrey));
  resize_bicubic(converted, place.width, place.height)
      .copyTo(out.pixels(cv::Rect(place.left, place.top, place.width, place.height)));
  return out;
}

}  // namespace mien::image
