// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/scene_background.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "mien/image/bicubic.h"

namespace mien::dataset {
namespace {

constexpr std::size_t kMostShapes = 12;
constexpr double kMostBlur = 2.5;  // pixels, standard deviation
constexpr double kMostGrain = 10;  // grey levels
constexpr double kNeutralGrey = 128;

cv::Scalar draw_colour(Random& random) {
  const double grey = random.between(0, 255), tint = random.between(0, 40);
  return {grey + random.between(-tint, tint), grey + random.between(-tint, tint), grey + random.between(-tint, tint)};
}

cv::Point draw_point(int size, Random& random) {
  const auto at = [&] { return static_cast<int>(random.between(-0.1, 1.1) * size); };
  const int x = at();
  return {x, at()};
}

/// Smooth light and dark areas: a coarse grid of random values, enlarged.
cv::Mat draw_clouds(int size, int channels, Random& random) {
  const int cells = 2 + static_cast<int>(random.below(10));
  const double contrast = random.between(10, 110), brightness = random.between(40, 210);
  cv::Mat grid(cells, cells, channels == 1 ? CV_8UC1 : CV_8UC3);
  const cv::Scalar tint = draw_colour(random);
  for (int y = 0; y < cells; ++y)
    for (int x = 0; x < cells; ++x) {
      const double value = brightness + random.between(-contrast, contrast);
      for (int c = 0; c < channels; ++c)
        grid.ptr(y)[x * channels + c] = cv::saturate_cast<std::uint8_t>(value + 0.2 * (tint[c] - kNeutralGrey));
    }
  return image::resize_bicubic(grid, size, size);
}

void draw_stripes(cv::Mat& picture, Random& random) {
  const cv::Point from = draw_point(picture.cols, random), to = draw_point(picture.cols, random);
  const cv::Rect area = cv::Rect(from, to) & cv::Rect(0, 0, picture.cols, picture.rows);
  const int period = 3 + static_cast<int>(random.below(20));
  const bool across = random.below(2) == 0;
  const cv::Scalar colour = draw_colour(random);
  for (int at = across ? area.x : area.y; at < (across ? area.br().x : area.br().y); at += 2 * period) {
    const cv::Rect bar = across ? cv::Rect(at, area.y, period, area.height) : cv::Rect(area.x, at, area.width, period);
    cv::rectangle(picture, bar & area, colour, cv::FILLED);
  }
}

void draw_polygon(cv::Mat& picture, Random& random) {
  std::vector<cv::Point> corners(3 + random.below(4));
  for (cv::Point& corner : corners) corner = draw_point(picture.cols, random);
  cv::fillPoly(picture, std::vector{corners}, draw_colour(random));
}

/// As large as faces are, so that an oval alone does not indicate a face.
void draw_ellipse(cv::Mat& picture, Random& random) {
  const cv::Point centre = draw_point(picture.cols, random);
  const auto half = [&] { return std::max(2, static_cast<int>(random.between(0.03, 0.3) * picture.cols)); };
  const int width = half(), height = half();
  const double angle = random.between(0, 180);
  cv::ellipse(picture, centre, {width, height}, angle, 0, 360, draw_colour(random), cv::FILLED);
}

void draw_line(cv::Mat& picture, Random& random) {
  const cv::Point from = draw_point(picture.cols, random), to = draw_point(picture.cols, random);
  cv::line(picture, from, to, draw_colour(random), 1 + static_cast<int>(random.below(8)));
}

/// One shape, more or less transparent.
void draw_shape(cv::Mat& picture, Random& random) {
  cv::Mat above = picture.clone();
  switch (random.below(4)) {
    case 0:
      draw_stripes(above, random);
      break;
    case 1:
      draw_polygon(above, random);
      break;
    case 2:
      draw_ellipse(above, random);
      break;
    default:
      draw_line(above, random);
  }
  const double opacity = random.between(0.3, 1);
  cv::addWeighted(above, opacity, picture, 1 - opacity, 0, picture);
}

void add_grain(cv::Mat& picture, double grain, Random& random) {
  const int values = picture.cols * picture.channels();
  for (int y = 0; y < picture.rows; ++y)
    for (int i = 0; i < values; ++i) {
      std::uint8_t& value = picture.ptr(y)[i];
      value = cv::saturate_cast<std::uint8_t>(value + random.between(-grain, grain));
    }
}

}  // namespace

cv::Mat draw_background(int size, int channels, Random& random) {
  cv::Mat picture = draw_clouds(size, channels, random);
  const std::size_t shapes = random.below(kMostShapes + 1);
  for (std::size_t i = 0; i < shapes; ++i) draw_shape(picture, random);
  const double blur = random.between(0, kMostBlur);
  if (blur > 0.3) cv::GaussianBlur(picture, picture, {}, blur);
  add_grain(picture, random.between(0, kMostGrain), random);
  return picture;
}

}  // namespace mien::dataset
