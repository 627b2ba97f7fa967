// SPDX-License-Identifier: Apache-2.0
// Pictures from files or bytes. One form everywhere in vision: cv::Mat, H × W, 8 bit, three channels in OpenCV's order
// blue-green-red, upright (EXIF orientation applied, transparency dropped). Stored grey becomes three equal channels,
// which ITU-R BT.601 turns back into exactly the stored values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mien::image {

/// Larger pictures are refused by their header, before any pixel is allocated.
inline constexpr std::int64_t kMaxPixels = 200'000'000;

/// H × W × 3, 8 bit, blue-green-red, upright.
using Image = cv::Mat;

struct ImageSize {
  std::int64_t width = 0, height = 0;  ///< as stored, before the EXIF orientation
};

/// What the bytes are, by their content: "JPEG", "PNG", "BMP", "WebP", "TIFF", "PNM"; other kinds in words ("a HEIC
/// picture", "a web page, not the picture itself"), "empty", or "not a picture".
std::string image_kind(std::string_view bytes);
/// What a file is worth to a reader of pictures.
enum class Content { picture, foreign_picture, video, other };
struct ContentKind {
  Content content = Content::other;
  std::string words;  ///< as image_kind, without its article: "JPEG", "GIF picture", "text file", "NumPy array"
};
inline constexpr std::size_t kHeadBytes = 512;  ///< enough to know the kind of a file
/// The kind of a file by its first kHeadBytes, independent of its name; a picture is one of the six supported formats.
ContentKind content_kind(std::string_view head);
/// The size in the header; nothing if the kind is none of the six or the header is cut or malformed.
std::optional<ImageSize> image_size(std::string_view bytes);
/// Whether the stored bytes reach the end that the format declares (JPEG: end marker, PNG: IEND, WebP: RIFF length).
bool is_complete(std::string_view bytes);

/// Decodes JPEG, PNG, BMP, WebP, TIFF and PNM of any depth and colour form. Throws bad_input, naming `origin` and what
/// it is, where it is none of them, cut off, damaged or too large. Thread-safe.
/// `notes`, where given, takes what is worth knowing of a picture that could be read all the same: "damaged file: ..."
/// (JPEG; WebP, BMP and PNM carry nothing to notice damage by), "animated: ...".
Image decode_image(std::string_view bytes, const std::string& origin, std::vector<std::string>* notes = nullptr);
/// The same from a file. Throws missing if it does not exist.
Image load_image(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);

/// Whether the name ends as one of the formats above does, in any case.
bool has_image_name(const std::filesystem::path& path);
/// Whether it ends as a picture of a kind that is not read does (.heic, .gif, ...): worth an error, not silence.
bool has_foreign_image_name(const std::filesystem::path& path);

}  // namespace mien::image
