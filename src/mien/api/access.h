// SPDX-License-Identifier: Apache-2.0
// From the public types to their contents.
#pragma once

#include <mien/mien.hpp>

#include "mien/recognise/recognizer.h"

namespace mien {

struct PictureData {
  image::Image image;
  std::vector<std::string> notes;
};

struct Access {
  static const PictureData& data(const Picture& picture);
  static const image::Image& image(const Picture& picture) { return data(picture).image; }
  static Picture picture(PictureData data);
  static const runtime::ExpressionModel& model(const Model& model);
};

namespace api {

DetectedFace to_public(const face::Detection& detection);
face::Detection to_internal(const DetectedFace& face);

}  // namespace api
}  // namespace mien
