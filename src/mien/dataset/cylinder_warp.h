// SPDX-License-Identifier: Apache-2.0
// Rotated views of frontal faces, without 3-D data: the picture is wrapped around a cylinder, which is rotated about
// its vertical axis. Source: PhaNet card, section 5.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/base/progress.h"
#include "mien/pack/pack.h"

namespace mien::dataset {

/// The column of a frontal picture, in pixels from the centre of the first one, that column x of the rotated one shows;
/// nothing if the cylinder has no surface. `turn`: degrees that the viewer moves to the picture's right: positive
/// shows more of the right side, so that the face looks to the left.
std::optional<double> cylinder_column(int x, int width, double turn_degrees);

/// One rotated view. `pixels`: height × width × channels bytes; columns without a surface become grey 128, which is
/// near 0 after scaling. `yaw_degrees`: -90..90, positive: the face turns to the picture's right, as everywhere in a
/// pack.
std::vector<std::uint8_t> turned_view(std::span<const std::uint8_t> pixels, const pack::PackInfo& info,
                                      double yaw_degrees);
/// Position of a point in the rotated view; points on the far side are on the border.
face::Point turned_point(face::Point point, int width, double yaw_degrees);

struct WarpReport {
  std::size_t samples = 0;   ///< views written
  std::size_t pictures = 0;  ///< of the source
  std::string hash;          ///< of the new pack
};

/// Every picture of all parts in each of these yaws, one view after the other. The yaw is written, landmarks move, and
/// a picture without a sequence gets its own name as one, so that folds by sequence keep its views together. Same
/// input, same bytes. Throws usage for no yaw, for one that is repeated or outside -90..90, and bad_input for a pack of
/// whole pictures.
WarpReport write_warped(const pack::Pack& source, const std::filesystem::path& path, const std::vector<double>& yaws,
                        const std::string& command, const ProgressSink& progress, const CancelToken& cancel);

Json to_json(const WarpReport& report);

}  // namespace mien::dataset
