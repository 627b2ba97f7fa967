// SPDX-License-Identifier: Apache-2.0
// Boxes as JSON on stdin → average precisions as JSON on stdout, for check_average_precision.py. Input: {"classes": K,
// "pictures": [{"truth": [[x, y, w, h, class]…], "found": [[x, y, w, h, score, class]…]}…]}.
#include <iostream>
#include <iterator>

#include "mien/base/json.h"
#include "mien/score/average_precision.h"

int main() {
  using namespace mien;
  const std::string input(std::istreambuf_iterator<char>(std::cin), {});
  const Json json = parse_json(input, "stdin");
  const auto box = [](const Json& b) { return face::Box{b[0], b[1], b[2], b[3]}; };
  std::vector<score::DetectedPicture> pictures;
  for (const auto& picture : json["pictures"]) {
    auto& p = pictures.emplace_back();
    for (const auto& b : picture["truth"]) p.truth.push_back({box(b), b[4]});
    for (const auto& b : picture["found"]) p.found.push_back({box(b), b[4], b[5]});
  }
  const auto scores = score::score_detections(pictures, json["classes"]);
  Json out = {{"voc_map50", scores.voc_map50}, {"coco_map50", scores.coco_map50}, {"coco_map", scores.coco_map}};
  const auto number = [](const auto& value) { return value ? Json(*value) : Json(); };
  for (const auto& c : scores.classes)
    out["classes"].push_back({{"voc50", number(c.voc50)}, {"coco50", number(c.coco50)}, {"coco", number(c.coco)}});
  std::cout << compact(out) << std::endl;
}
