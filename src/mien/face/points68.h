// SPDX-License-Identifier: Apache-2.0
// The usual 68 points of a face (iBUG 300-W, Sagonas et al. 2013), counted from 0: jaw 0..16 from the viewer's left,
// brows 17..21 and 22..26, nose 27..35, eyes 36..41 and 42..47, mouth 48..67.
#pragma once

#include <array>
#include <cstddef>

namespace mien::face {

inline constexpr std::size_t kNumPoints68 = 68;

/// The point that replaces point i when the picture is mirrored; its own inverse.
const std::array<std::size_t, kNumPoints68>& mirrored_points68();

}  // namespace mien::face
