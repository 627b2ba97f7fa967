// SPDX-License-Identifier: Apache-2.0
// A pack whose faces are partly covered: by a face mask, a grey square, or a grey bar over the eyes or the mouth.
// Source: SCAN-CCI card, section 5 (geometry of the mask) and section 9 (the square).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "mien/base/json.h"
#include "mien/base/progress.h"
#include "mien/pack/pack.h"

namespace mien::dataset {

/// none covers nothing but leaves out the same pictures as mask, eyes and mouth: the reference for these.
enum class OcclusionKind { mask, square, eyes, mouth, none };
constexpr auto words_of(OcclusionKind) { return std::array{"mask", "square", "eyes", "mouth", "none"}; }

struct OcclusionOptions {
  OcclusionKind kind = OcclusionKind::mask;
  std::uint64_t seed = 0;  ///< of the positions of the squares; not used by the other kinds
  bool roll_masks = true;  ///< rotate masks with the head; false: leave them upright, like the public mask tool
};

/// Covers one picture in place. `pixels`: height × width × channels bytes as in a pack; `landmarks`: the 68 points,
/// which a square does not need; `number`: the picture's number, which determines the position of its square.
void occlude(std::span<std::uint8_t> pixels, const pack::PackInfo& info, std::span<const face::Point> landmarks,
             const OcclusionOptions& options, std::uint64_t number);

struct OcclusionReport {
  std::size_t samples = 0;   ///< pictures written
  std::size_t left_out = 0;  ///< pictures without landmarks
  std::string hash;          ///< of the new pack
};

/// Covers the faces of all parts and copies every field. Pictures without landmarks are left out, except for squares.
/// Same input, same bytes. Throws bad_input if the kind needs landmarks and no picture has them.
OcclusionReport write_occluded(const pack::Pack& source, const std::filesystem::path& path,
                               const OcclusionOptions& options, const std::string& command,
                               const ProgressSink& progress, const CancelToken& cancel);

Json to_json(const OcclusionReport& report);

}  // namespace mien::dataset
