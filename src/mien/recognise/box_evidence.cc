// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/box_evidence.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/kernels/scan_order.h"
#include "mien/recognise/heat_map.h"

namespace mien::recognise {
namespace {

constexpr int kLongerSide = 512;                         ///< of PictureEvidence::view
constexpr double kWindowFactor = 2;                      ///< of the box's longer side
constexpr int kStepLevels = 2;                           ///< grey levels of a difference
constexpr float kSameFace = 0.5f;                        ///< overlap of boxes that are of the same face
constexpr float kLeastScore = 0.001f;                    ///< of boxes that are looked at when a part is covered
constexpr std::size_t kObjectness = 4, kFirstClass = 5;  ///< channels of a grid

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

std::span<const std::uint8_t> bytes_of(const cv::Mat& pixels) {
  return {pixels.data, pixels.total() * pixels.elemSize()};
}

void run(runtime::BoxSession& session, const cv::Mat& pixels) {
  session.run(bytes_of(pixels), 1, pixels.cols, pixels.rows);
}

float channel(const face::BoxGrid& grid, std::size_t c, std::size_t cell) {
  return grid.values[c * static_cast<std::size_t>(grid.height) * static_cast<std::size_t>(grid.width) + cell];
}

/// Score of the class at the face's own cell.
double score_at(const std::vector<face::BoxGrid>& grids, const face::ScoredBox& face) {
  const face::BoxGrid& grid = grids.at(static_cast<std::size_t>(face.level));
  const auto cell = static_cast<std::size_t>(face.cell);
  return sigmoid(channel(grid, kObjectness, cell)) *
         sigmoid(channel(grid, kFirstClass + static_cast<std::size_t>(face.label), cell));
}

/// Best score for the face's class among the boxes on it; 0 for none.
double score_of(const std::vector<face::BoxGrid>& grids, const face::ScoredBox& face, const face::ModelCard& card) {
  const face::BoxDecoding all{card.input.width, card.input.height, card.classes.size(), kLeastScore, 1, 0};
  const auto target = static_cast<std::size_t>(face.label);
  double best = 0;
  for (const auto& found : face::decode_boxes(grids, all)) {
    if (face::iou(found.box, face.box) < kSameFace) continue;
    const float own = found.class_scores[static_cast<std::size_t>(found.label)];
    best = std::max(best, static_cast<double>(found.score) / own * found.class_scores[target]);
  }
  return best;
}

/// Scores of a level, the best class of each cell, in the size of the view.
cv::Mat level_heat(const face::BoxGrid& grid, std::size_t classes, cv::Size size) {
  std::vector<float> scores(static_cast<std::size_t>(grid.height) * static_cast<std::size_t>(grid.width));
  for (std::size_t cell = 0; cell < scores.size(); ++cell) {
    float best = channel(grid, kFirstClass, cell);
    for (std::size_t k = 1; k < classes; ++k) best = std::max(best, channel(grid, kFirstClass + k, cell));
    scores[cell] = static_cast<float>(sigmoid(channel(grid, kObjectness, cell)) * sigmoid(best));
  }
  return enlarge(scores, even_axis(grid.height), even_axis(grid.width), size);
}

/// Mean over the cells of a map whose centres are in the box; the cell nearest to its centre where none is.
double mean_inside(std::span<const float> cells, int rows, int columns, const face::Box& box, double cell_height,
                   double cell_width) {
  const auto range = [](float first, float length, double cell, int count) {
    const int from = static_cast<int>(std::ceil(first / cell - 0.5)),
              to = static_cast<int>(std::floor((first + length) / cell - 0.5));
    const int middle = static_cast<int>(std::floor((first + length / 2) / cell));
    const auto inside = [&](int i) { return std::clamp(i, 0, count - 1); };
    return from > to ? std::pair(inside(middle), inside(middle)) : std::pair(inside(from), inside(to));
  };
  const auto [top, bottom] = range(box.y, box.height, cell_height, rows);
  const auto [left, right] = range(box.x, box.width, cell_width, columns);
  double sum = 0;
  for (int y = top; y <= bottom; ++y)
    for (int x = left; x <= right; ++x) sum += cells[static_cast<std::size_t>(y * columns + x)];
  return sum / ((bottom - top + 1) * (right - left + 1));
}

}  // namespace

std::vector<std::string> direction_names(std::size_t count) {
  std::vector<std::string> names;
  if (count == 1 || count == 2 || count == 4 || count == 8) {
    for (const auto direction : kernels::scan_directions(static_cast<int>(count)))
      names.emplace_back(kernels::to_string(direction));
    return names;
  }
  for (std::size_t i = 0; i < count; ++i) names.push_back(std::to_string(i + 1));
  return names;
}

PictureEvidence picture_evidence(runtime::BoxSession& session, const image::Image& image,
                                 const image::WholePicture& whole, const face::ModelCard& card) {
  PictureEvidence out;
  out.letterbox = whole.letterbox;
  const double factor = static_cast<double>(kLongerSide) / std::max(card.input.width, card.input.height);
  const cv::Size size(static_cast<int>(std::lround(card.input.width * factor)),
                      static_cast<int>(std::lround(card.input.height * factor)));
  out.view = image::fit_whole(image, size.width, size.height, 3).pixels;
  cv::cvtColor(out.view, out.view, cv::COLOR_RGB2BGR);
  run(session, whole.pixels);
  out.heat = cv::Mat::zeros(size, CV_32F);
  for (const auto& grid : session.grids(0)) out.heat = cv::max(out.heat, level_heat(grid, card.classes.size(), size));
  out.maps = session.maps(0);
  out.gates = session.features(0);
  return out;
}

BoxEvidence box_evidence(const face::ScoredBox& found, const PictureEvidence& picture, const face::ModelCard& card) {
  BoxEvidence out{found.box};
  out.class_score = found.class_scores.at(static_cast<std::size_t>(found.label));
  out.objectness = found.score / out.class_score;
  int level = 0;
  for (const auto& output : card.outputs)
    if (output.kind == face::OutputKind::boxes && level++ == found.level)
      out.stride = static_cast<int>(std::lround(output.cell_stride));
  for (const auto& maps : picture.maps) {
    if (maps.shape.size() != 3) continue;
    const int rows = static_cast<int>(maps.shape[1]), columns = static_cast<int>(maps.shape[2]);
    const std::size_t cells = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
    face::FaceValues values{maps.name, direction_names(maps.values.size() / cells), {}};
    for (std::size_t k = 0; k < values.labels.size(); ++k) {
      const auto map = std::span(maps.values).subspan(k * cells, cells);
      const double all = std::accumulate(map.begin(), map.end(), 0.0) / static_cast<double>(cells);
      const double inside = mean_inside(map, rows, columns, found.box, static_cast<double>(card.input.height) / rows,
                                        static_cast<double>(card.input.width) / columns);
      values.values.push_back(static_cast<float>(all > 0 ? inside / all : 0));
    }
    out.steps.push_back(std::move(values));
  }
  return out;
}

cv::Rect window_of(const face::Box& box) {
  const int side =
      std::max(kOcclusionCells, static_cast<int>(std::lround(kWindowFactor * std::max(box.width, box.height))));
  const face::Point centre = box.centre();
  return {static_cast<int>(std::lround(centre.x - static_cast<float>(side) / 2)),
          static_cast<int>(std::lround(centre.y - static_cast<float>(side) / 2)), side, side};
}

image::Crop window_crop(const image::WholePicture& whole, const face::Box& box) {
  const cv::Rect window = window_of(box), inside = window & cv::Rect(cv::Point(0, 0), whole.pixels.size());
  image::Crop out;
  out.pixels = cv::Mat(window.size(), whole.pixels.type(), cv::Scalar::all(face::kBorderGrey));
  if (!inside.empty()) whole.pixels(inside).copyTo(out.pixels(inside - window.tl()));
  const auto place = whole.letterbox.place();
  const cv::Rect shown = window & cv::Rect(place.left, place.top, place.width, place.height);
  out.outside = 1 - static_cast<float>(shown.area()) / static_cast<float>(window.area());
  const face::Box in_picture =
      whole.letterbox.to_picture(face::Box{static_cast<float>(window.x), static_cast<float>(window.y),
                                           static_cast<float>(window.width), static_cast<float>(window.height)});
  out.face_side_px = in_picture.width;
  out.image_from_crop = {in_picture.width / static_cast<float>(window.width), 0, in_picture.x, in_picture.y};
  return out;
}

OcclusionMap box_occlusion(runtime::BoxSession& session, const image::WholePicture& whole, const face::ScoredBox& face,
                           const face::ModelCard& card) {
  const cv::Rect window = window_of(face.box), input(cv::Point(0, 0), whole.pixels.size());
  OcclusionMap map{static_cast<std::size_t>(face.label),
                   std::vector<float>(static_cast<std::size_t>(kOcclusionCells) * kOcclusionCells), 0, 0};
  run(session, whole.pixels);
  const double uncovered = score_of(session.grids(0), face, card);
  double least = uncovered;
  for (int cell = 0; cell < kOcclusionCells * kOcclusionCells; ++cell) {
    const cv::Rect square =
        (covered_square(cell % kOcclusionCells, cell / kOcclusionCells, window.width) + window.tl()) & input;
    if (square.empty()) continue;
    cv::Mat covered = whole.pixels.clone();
    covered(square).setTo(neutral_grey(card.input));
    run(session, covered);
    const double score = score_of(session.grids(0), face, card);
    least = std::min(least, score);
    map.values[static_cast<std::size_t>(cell)] = static_cast<float>(log_odds(uncovered) - log_odds(score));
  }
  map.probability = static_cast<float>(uncovered), map.least = static_cast<float>(least);
  return map;
}

std::vector<std::vector<float>> receptive_fields(runtime::BoxSession& session, const image::WholePicture& whole,
                                                 std::span<const face::ScoredBox> faces, const face::ModelCard& card) {
  std::vector<std::vector<float>> fields(faces.size(),
                                         std::vector<float>(static_cast<std::size_t>(kFieldCells) * kFieldCells));
  const auto place = whole.letterbox.place();
  const cv::Rect shown(place.left, place.top, place.width, place.height);
  const auto edge = [](int i, int length) { return i * length / kFieldCells; };
  for (int cell = 0; cell < kFieldCells * kFieldCells && !faces.empty(); ++cell) {
    const int x = cell % kFieldCells, y = cell / kFieldCells;
    const cv::Rect square = cv::Rect(cv::Point(edge(x, card.input.width), edge(y, card.input.height)),
                                     cv::Point(edge(x + 1, card.input.width), edge(y + 1, card.input.height))) &
                            shown;
    if (square.empty()) continue;
    std::vector<double> difference(faces.size(), 0);
    double levels = 0;
    for (const int sign : {1, -1}) {
      cv::Mat changed = whole.pixels.clone();
      cv::Mat part = changed(square);
      part.convertTo(part, -1, 1, sign * kStepLevels);  // keeps to 0..255
      const cv::Scalar mean = cv::mean(part);
      levels += sign * (mean[0] + mean[1] + mean[2]) / card.input.channels;
      run(session, changed);
      const auto grids = session.grids(0);
      for (std::size_t i = 0; i < faces.size(); ++i) difference[i] += sign * log_odds(score_at(grids, faces[i]));
    }
    for (std::size_t i = 0; i < faces.size(); ++i)
      fields[i][static_cast<std::size_t>(cell)] = levels > 0 ? static_cast<float>(std::abs(difference[i]) / levels) : 0;
  }
  return fields;
}

}  // namespace mien::recognise
