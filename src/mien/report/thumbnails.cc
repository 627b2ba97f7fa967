// SPDX-License-Identifier: Apache-2.0
#include "mien/report/thumbnails.h"

#include <fmt/core.h>

#include "mien/report/html.h"
#include "mien/report/png.h"

namespace mien::report {
namespace {

constexpr int kThumbnailSide = 112;

}  // namespace

std::string thumbnail_of(const pack::Pack& pack, std::uint32_t picture) {
  const auto bytes = pack.pixels(picture);
  const report::Pixels pixels{
      pack.info().width, pack.info().height, pack.info().channels, {bytes.begin(), bytes.end()}};
  return report::data_uri("image/png", report::encode_png(report::shrunk(pixels, kThumbnailSide)));
}

std::string private_note(const pack::PackInfo& info) {
  return info.pictures_may_be_shown
             ? ""
             : "The data set's terms do not allow redistribution of these pictures. Do not share this page.";
}

std::string left_out_note(const pack::PackInfo& info) {
  return fmt::format(
      "Pictures are not shown: the terms of {} ({}) do not allow redistribution. --thumbnails shows them, for your own "
      "use only.",
      info.data_set, info.licence);
}

}  // namespace mien::report
