// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/cutting.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "mien/base/error.h"
#include "mien/dataset/box_listing.h"
#include "mien/dataset/decode.h"
#include "mien/image/crop.h"
#include "mien/image/whole_picture.h"

namespace mien::dataset {
namespace {

using PointMap = std::function<face::Point(face::Point)>;

/// The face of the data set: the one that fits its box best, otherwise the main one; null if none has landmarks.
const face::Detection* choose_face(const std::vector<face::Detection>& faces, const Item& item) {
  if (!item.box) return image::main_face(faces);
  const auto fit = [&](const face::Detection& d) { return face::iou(d.box, *item.box); };
  const auto best =
      std::max_element(faces.begin(), faces.end(), [&](const auto& a, const auto& b) { return fit(a) < fit(b); });
  return best == faces.end() || fit(*best) <= 0 ? nullptr : &*best;
}

/// The landmark positions that the rule gives a face in a box.
face::Landmarks rule_in(const face::Box& box, const face::CropRule& rule) {
  const auto at = [&](face::Point p) { return face::Point{box.x + p.x * box.width, box.y + p.y * box.height}; };
  const face::Point mouth = at(rule.mouth);
  const float half = 0.3f * (at(rule.right_eye).x - at(rule.left_eye).x);  // of the mouth's width, roughly
  return {at(rule.left_eye), at(rule.right_eye), at(rule.nose), {mouth.x - half, mouth.y}, {mouth.x + half, mouth.y}};
}

/// A crop with its transform from picture pixels to packed ones, and the approximate position of the face.
struct Placed {
  cv::Mat pixels;
  PointMap to_packed;
  face::Landmarks rough;
};

Placed placed(const image::Crop& crop, const face::Landmarks& rough) {
  return {crop.pixels, [map = crop.image_from_crop.inverse()](face::Point p) { return map.apply(p); }, rough};
}

/// The face, cut out; empty pixels if the detector finds none.
Placed cut_face(const image::Image& image, const Item& item, const PackOptions& o, image::FaceDetector* detector) {
  if (detector) {
    const auto faces = detector->detect(image);
    const face::Detection* const chosen = choose_face(faces, item);
    if (!chosen || !chosen->landmarks) return {};
    return placed(image::crop_face(image, *chosen->landmarks, o.crop_rule, o.size, o.channels), *chosen->landmarks);
  }
  if (item.box) return placed(image::crop_box(image, *item.box, o.size, o.channels), rule_in(*item.box, o.crop_rule));
  const auto width = static_cast<float>(image.cols), height = static_cast<float>(image.rows);
  const float x = static_cast<float>(o.size) / width, y = static_cast<float>(o.size) / height;
  return {image::crop_whole(image, o.size, o.channels).pixels,
          [x, y](face::Point p) {
            return face::Point{p.x * x, p.y * y};
          },
          rule_in({0, 0, width, height}, o.crop_rule)};
}

/// Why the picture's boxes cannot be packed (kind and box); "" if they can.
void find_bad_box(const Item& item, int width, int height, Cut& cut) {
  Findings findings;
  check_boxes(item, width, height, findings);
  for (const auto& entry : findings.entries()) {
    if (!entry.is_defect) continue;
    cut.defect_kind = entry.kind;
    cut.defect = entry.first.front();
    return;
  }
}

/// The box of the detected face with the picture's label, in picture pixels; nothing if no face is found.
std::optional<face::LabelledBox> detected_box(const image::Image& image, const Item& item,
                                              image::FaceDetector& detector) {
  const auto faces = detector.detect(image);
  const face::Detection* const chosen = choose_face(faces, item);
  if (!chosen) return std::nullopt;
  return face::LabelledBox{chosen->box, item.sample.label};
}

/// The whole picture between borders, with its boxes, clipped to it. With a detector, the box is the detected one;
/// empty pixels if it finds none.
Placed place_whole(const image::Image& image, Item item, const PackOptions& o, image::FaceDetector* detector,
                   pack::Sample& sample) {
  if (detector && item.sample.label >= 0) {
    const auto box = detected_box(image, item, *detector);
    if (!box) return {};
    item.sample.boxes = {*box};
  }
  const auto whole = image::fit_whole(image, o.whole->width, o.whole->height, o.channels);
  sample.original = pack::PictureSize{image.cols, image.rows};
  face::Box face = item.box.value_or(face::Box{0, 0, static_cast<float>(image.cols), static_cast<float>(image.rows)});
  if (item.sample.boxes) {
    sample.boxes.emplace();
    const auto boxes = boxes_in(item, image.cols, image.rows);
    if (boxes.size() == 1) face = boxes.front().box;  // the face for landmarks and pose
    for (const auto& [box, label] : boxes) {
      const auto clipped = face::clip(box, static_cast<float>(image.cols), static_cast<float>(image.rows));
      sample.boxes->push_back({whole.letterbox.to_input(clipped), label});
    }
  }
  return {whole.pixels, [l = whole.letterbox](face::Point p) { return l.to_input(p); }, rule_in(face, o.crop_rule)};
}

/// Fills requested fields that are missing. Returns false if no face is detected.
bool estimate(const image::Image& image, const Placed& place, const PackOptions& o, const CutTools& tools,
              pack::Sample& sample) {
  const bool wants_points = o.estimate_landmarks && sample.landmarks.empty();
  const bool wants_pose = o.estimate_pose && (!sample.yaw || !sample.pitch);
  if (!wants_points && !wants_pose) return true;
  const auto mesh = tools.estimator->estimate(image, place.rough);
  if (!mesh) return false;
  if (wants_points) {
    for (const face::Point& p : face::points68_of(*mesh)) sample.landmarks.push_back(place.to_packed(p));
    sample.landmark_origin = pack::Origin::estimate;
  }
  if (!wants_pose) return true;
  const face::HeadPose pose = face::head_pose(*mesh);
  if (!sample.yaw) sample.yaw = pack::Angle{pose.yaw, pack::Origin::estimate};
  if (!sample.pitch) sample.pitch = pack::Angle{pose.pitch, pack::Origin::estimate};
  return true;
}

}  // namespace

Cut cut(const FileTree& tree, const Item& item, const PackOptions& options, const CutTools& tools) {
  Cut out;
  out.sample = item.sample;
  out.sample.boxes.reset();
  try {
    const image::Image image = decode_picture(tree, item);
    if (options.whole) find_bad_box(item, image.cols, image.rows, out);
    if (!out.defect.empty()) return out;
    const Placed place = options.whole ? place_whole(image, item, options, tools.detector, out.sample)
                                       : cut_face(image, item, options, tools.detector);
    out.pixels = place.pixels;
    if (out.pixels.empty()) return out;
    for (face::Point& p : out.sample.landmarks) p = place.to_packed(p);
    out.is_estimated = estimate(image, place, options, tools, out.sample);
  } catch (const Error& error) {
    out.defect = error.message();
  }
  return out;
}

}  // namespace mien::dataset
