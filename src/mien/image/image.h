// SPDX-License-Identifier: Apache-2.0
// Pictures from files or bytes. One form everywhere here: cv::Mat, H × W, 8 bit, three channels in OpenCV's order
// blue-green-red, upright (EXIF orientation applied, transparency dropped). Stored grey becomes three equal channels,
// which ITU-R BT.601 turns back into exactly the stored values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace mien::image {

/// Larger pictures are refused by their header, before any pixel is allocated.
inline constexpr std::int64_t kMaxPixels = 200'000'000;
/// For messages.
inline constexpr std::string_view kReadableFormats = "JPEG, PNG, WebP, TIFF, GIF, HEIC, AVIF, BMP or PNM";

/// H × W × 3, 8 bit, blue-green-red, upright.
using Image = cv::Mat;

/// The kind of the bytes by their content: "JPEG", "PNG", "WebP", "TIFF", "GIF", "HEIC", "AVIF", "BMP", "PNM"; other
/// kinds in words ("a JPEG XL picture", "a web page, not the picture itself"), "empty", or "not a picture".
std::string image_kind(std::string_view bytes);
/// How a reader of pictures can use a file.
enum class Content { picture, foreign_picture, video, other };
struct ContentKind {
  Content content = Content::other;
  std::string words;  ///< as image_kind, without its article: "JPEG", "JPEG 2000 picture", "text file", "NumPy array"
};
inline constexpr std::size_t kHeadBytes = 512;  ///< enough to know the kind of a file
/// The kind of a file by its first kHeadBytes, independent of its name; a picture is one of the nine supported formats.
ContentKind content_kind(std::string_view head);
/// Decodes the nine formats, of any depth and colour form. Throws bad_input, naming `origin` and the kind, for other
/// formats, for truncated, damaged or too large pictures, and for HEIC and AVIF where libheif is not installed.
/// Thread-safe. `notes`, if given, gets remarks on a picture that could be read nevertheless: "damaged file: ..."
/// (JPEG; WebP, GIF, BMP and PNM have no checksums to detect damage), "animated: ...".
Image decode_image(std::string_view bytes, const std::string& origin, std::vector<std::string>* notes = nullptr);
/// The same from a file. Throws missing if it does not exist.
Image load_image(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);

/// Whether the name has the extension of one of the formats above, in any case.
bool has_image_name(const std::filesystem::path& path);
/// Whether it has the extension of an unsupported picture format (.jxl, .jp2, ...), which is an error.
bool has_foreign_image_name(const std::filesystem::path& path);

}  // namespace mien::image
