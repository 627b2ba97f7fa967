// SPDX-License-Identifier: Apache-2.0
// A detector's boxes are suppressed class by class, as papers judge them. A person has one face there: of boxes of
// different classes on the same face, the best one counts.
#pragma once

#include <vector>

#include "mien/face/boxes.h"

namespace mien::recognise {

/// `boxes` by falling score → those that overlap no better one by more than `max_iou`, whatever their class.
std::vector<face::ScoredBox> one_per_face(std::vector<face::ScoredBox> boxes, float max_iou = 0.5f);

}  // namespace mien::recognise
