// SPDX-License-Identifier: Apache-2.0
#include "mien/vision/image.h"

#include <array>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/vision/png_chunks.h"

namespace mien::vision {
namespace {

constexpr std::array<std::string_view, 6> kKinds = {"JPEG", "PNG", "BMP", "WebP", "TIFF", "PNM"};
constexpr std::array<std::string_view, 11> kSuffixes = {".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".webp",
                                                        ".tif", ".tiff", ".pgm", ".ppm", ".pnm"};

std::string remedy_for(const std::string& kind) {
  if (kind == "empty") return "Copy or fetch the picture again.";
  if (kind.find("LFS") != std::string::npos) return "Fetch the picture with: git lfs pull.";
  if (kind.find("HTML") != std::string::npos) return "Save the picture itself, not the page around it.";
  if (kind == "a video file") return "Give single pictures.";
  if (kind.find("picture") != std::string::npos && kind != "not a picture") return "Convert it to JPEG or PNG first.";
  return "Give a JPEG, PNG, BMP, WebP, TIFF or PNM picture.";
}

void check_kind(std::string_view bytes, const std::string& origin) {
  const std::string kind = image_kind(bytes);
  for (const auto known : kKinds)
    if (kind == known) return;
  fail_input(text(origin, " is ", kind, "."), remedy_for(kind));
}

void check_size(std::string_view bytes, const std::string& origin) {
  const auto size = image_size(bytes);
  check_input(size.has_value(), text(origin, ": ", image_kind(bytes), " picture with a cut or damaged header."),
              "Copy or fetch the picture again.");
  check_input(size->width > 0 && size->height > 0 && size->width <= kMaxPixels / size->height,
              text(origin, ": ", size->width, "x", size->height, " pixels, at most ", kMaxPixels / 1'000'000,
                   " million are read."),
              "Make the picture smaller first.");
}

}  // namespace

Image decode_image(std::string_view bytes, const std::string& origin) {
  check_kind(bytes, origin);
  check_size(bytes, origin);
  check_input(is_complete(bytes),
              text(origin, ": ", image_kind(bytes), " picture is cut off after ", bytes.size(), " bytes."),
              "Copy or fetch the picture again.");
  std::optional<std::string> cleaned;
  if (image_kind(bytes) == "PNG") {
    cleaned = png_for_decoding(bytes);
    check_input(cleaned.has_value(), text(origin, ": damaged PNG picture (a checksum is wrong)."),
                "Copy or fetch the picture again.");
    bytes = *cleaned;
  }
  Image image;
  std::string why;
  static const auto silent = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  static_cast<void>(silent);  // OpenCV would print what becomes an error here
  try {
    const cv::Mat raw(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
    image = cv::imdecode(raw, cv::IMREAD_COLOR);
  } catch (const cv::Exception& error) {
    why = text(" (", error.err, ")");
  }
  check_input(!image.empty(), text(origin, ": damaged ", image_kind(bytes), " picture", why, "."),
              "Copy or fetch the picture again.");
  return image;
}

Image load_image(const std::filesystem::path& path) {
  require_file(path, "picture");
  return decode_image(read_file(path), path.string());
}

bool has_image_name(const std::filesystem::path& path) {
  const std::string suffix = lower(path.extension().string());
  for (const auto known : kSuffixes)
    if (suffix == known) return true;
  return false;
}

}  // namespace mien::vision
