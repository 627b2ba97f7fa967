// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/cylinder_warp.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "mien/base/error.h"

namespace mien::dataset {
namespace {

constexpr std::uint8_t kBlank = 128;
constexpr double kQuarterTurn = std::numbers::pi_v<double> / 2;

double radians(double degrees) { return degrees * std::numbers::pi_v<double> / 180; }

void check_yaws(const std::vector<double>& yaws) {
  if (yaws.empty()) fail_usage("data warp needs the yaws of the views.", "Add --yaw -60,-30,0,30,60");
  for (const double yaw : yaws)
    if (!(std::abs(yaw) <= 90)) fail_usage(fmt::format("--yaw {:g} is outside -90 to 90 degrees.", yaw));
  if (std::set<double>(yaws.begin(), yaws.end()).size() != yaws.size())
    fail_usage("--yaw contains a value twice.", "Give each yaw only once.");
}

pack::Sample turned_sample(const pack::Sample& source, int width, double yaw) {
  pack::Sample out = source;
  for (auto& point : out.landmarks) point = turned_point(point, width, yaw);
  out.yaw = pack::Angle{static_cast<float>(yaw), pack::Origin::data_set};
  out.boxes.reset();  // the turned face fills another part of the picture
  if (out.sequence.empty()) out.sequence = out.source;
  return out;
}

}  // namespace

std::optional<double> cylinder_column(int x, int width, double turn_degrees) {
  const double u = (2.0 * x + 1) / width - 1;
  const double angle = std::asin(u) + radians(turn_degrees);
  if (std::abs(angle) > kQuarterTurn) return std::nullopt;
  return ((std::sin(angle) + 1) * width - 1) / 2;
}

std::vector<std::uint8_t> turned_view(std::span<const std::uint8_t> pixels, const pack::PackInfo& info,
                                      double yaw_degrees) {
  const auto width = static_cast<std::size_t>(info.width), channels = static_cast<std::size_t>(info.channels);
  const auto height = static_cast<std::size_t>(info.height);
  std::vector<std::uint8_t> out(pixels.size(), kBlank);
  for (std::size_t x = 0; x < width; ++x) {
    const auto column = cylinder_column(static_cast<int>(x), info.width, -yaw_degrees);
    if (!column) continue;
    const double inside = std::clamp(*column, 0.0, static_cast<double>(width - 1));
    const auto left = static_cast<std::size_t>(inside);
    const std::size_t right = std::min(left + 1, width - 1);
    const double share = inside - static_cast<double>(left);
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t c = 0; c < channels; ++c) {
        const auto value = [&](std::size_t at) { return static_cast<double>(pixels[(y * width + at) * channels + c]); };
        out[(y * width + x) * channels + c] =
            static_cast<std::uint8_t>(std::lround((1 - share) * value(left) + share * value(right)));
      }
  }
  return out;
}

face::Point turned_point(face::Point point, int width, double yaw_degrees) {
  const double u = std::clamp(2.0 * point.x / width - 1, -1.0, 1.0);
  const double angle = std::clamp(std::asin(u) + radians(yaw_degrees), -kQuarterTurn, kQuarterTurn);
  return {static_cast<float>((std::sin(angle) + 1) * width / 2), point.y};
}

WarpReport write_warped(const pack::Pack& source, const std::filesystem::path& path, const std::vector<double>& yaws,
                        const std::string& command, const ProgressSink& progress, const CancelToken& cancel) {
  check_yaws(yaws);
  check_input(source.info().placement == pack::Placement::crop,
              source.path().string() + ": this pack contains whole pictures, but only faces can be rotated.",
              "Create a pack of faces: 'mien data pack … --detect'.");
  pack::PackInfo info = source.info();
  info.provenance["warp"] = {{"yaw", yaws}, {"source_hash", source.hash()}, {"command", command}};
  pack::PackWriter writer(path, info);
  for (std::size_t i = 0; i < source.size(); ++i) {
    throw_if_cancelled(cancel);
    for (const double yaw : yaws)
      writer.add(turned_sample(source.sample(i), info.width, yaw), turned_view(source.pixels(i), info, yaw));
    const bool is_due = (i + 1) % 1024 == 0 || i + 1 == source.size();
    if (progress && is_due)
      progress({"warp", static_cast<std::int64_t>(i + 1), static_cast<std::int64_t>(source.size()), ""});
  }
  const std::size_t samples = writer.size();
  return {samples, source.size(), writer.commit()};
}

Json to_json(const WarpReport& r) { return {{"samples", r.samples}, {"pictures", r.pictures}, {"hash", r.hash}}; }

}  // namespace mien::dataset
