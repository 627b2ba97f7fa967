// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/decode.h"

#include <opencv2/imgproc.hpp>

namespace mien::dataset {

image::Image decode_picture(const FileTree& tree, const Item& item, std::vector<std::string>* notes) {
  if (item.inline_pixels.empty())
    return image::decode_image(tree.read(item.sample.source), tree.describe(item.sample.source), notes);
  const cv::Mat grey(48, 48, CV_8UC1, const_cast<std::uint8_t*>(item.inline_pixels.data()));
  image::Image image;
  cv::cvtColor(grey, image, cv::COLOR_GRAY2BGR);
  return image;
}

}  // namespace mien::dataset
