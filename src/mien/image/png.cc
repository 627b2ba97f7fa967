// SPDX-License-Identifier: Apache-2.0
// PNG by libspng. Bits beyond the eighth and transparency are dropped, colour profiles are ignored.
#include <spng.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <opencv2/imgproc.hpp>

#include "mien/image/codec.h"
#include "mien/image/encode.h"
#include "mien/image/exif.h"

namespace mien::image {
namespace {

/// Texts and colour profiles may unpack to any size; they are not read.
constexpr std::size_t kMostOfAChunk = 64 << 20;

using PngContext = std::unique_ptr<spng_ctx, void (*)(spng_ctx*)>;

PngContext png_context(int flags) {
  PngContext out(spng_ctx_new(flags), spng_ctx_free);
  if (!out) throw std::bad_alloc();
  return out;
}

void check_png(const Source& source, int code) {
  if (code == SPNG_OK) return;
  if (code == SPNG_IO_EOF || code == SPNG_EOF) fail_cut(source);
  if (code == SPNG_ECHUNK_CRC) fail_damaged(source, "a checksum is wrong");
  fail_damaged(source, spng_strerror(code));
}

/// Whether a chunk of that type comes before the pixels. A text may also contain the name.
bool has_early_chunk(std::string_view bytes, std::string_view type) {
  constexpr std::size_t kSignature = 8, kHead = 8, kChecksum = 4;
  for (std::size_t at = kSignature; at + kHead <= bytes.size();) {
    const std::string_view name = bytes.substr(at + 4, 4);
    if (name == "IDAT") return false;
    if (name == type) return true;
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(bytes[at + i]);
    at += kHead + length + kChecksum;
  }
  return false;
}

}  // namespace

Picture read_png(const Source& source) {
  const PngContext png = png_context(0);
  // A wrong checksum matters only where the chunk is used.
  spng_set_crc_action(png.get(), SPNG_CRC_ERROR, SPNG_CRC_DISCARD);
  spng_set_chunk_limits(png.get(), kMostOfAChunk, kMostOfAChunk);
  spng_set_png_buffer(png.get(), source.bytes.data(), source.bytes.size());
  spng_ihdr header{};
  if (source.bytes.size() < 33) fail_header(source);  // signature and first chunk
  check_png(source, spng_get_ihdr(png.get(), &header));
  check_size(source, header.width, header.height);
  Picture out;
  out.pixels.create(static_cast<int>(header.height), static_cast<int>(header.width), CV_8UC3);
  check_png(source, spng_decode_image(png.get(), out.pixels.data, out.pixels.total() * 3, SPNG_FMT_RGB8, 0));
  check_png(source, spng_decode_chunks(png.get()));
  spng_exif exif{};
  if (spng_get_exif(png.get(), &exif) == SPNG_OK)
    out.orientation = exif_orientation({exif.data, exif.length});
  else if (has_early_chunk(source.bytes, "eXIf"))
    fail_damaged(source, "a checksum is wrong");
  if (has_early_chunk(source.bytes, "acTL")) out.note = kAnimated;
  swap_red_and_blue(out.pixels);
  return out;
}

std::string encode_png(const Image& image, std::string_view comment) {
  const bool is_grey = image.channels() == 1;
  cv::Mat pixels;
  if (is_grey)
    pixels = image.isContinuous() ? image : image.clone();
  else
    cv::cvtColor(image, pixels, cv::COLOR_BGR2RGB);
  const PngContext png = png_context(SPNG_CTX_ENCODER);
  spng_set_option(png.get(), SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_option(png.get(), SPNG_IMG_COMPRESSION_LEVEL, 1);
  spng_set_option(png.get(), SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_SUB);
  spng_ihdr header{};
  header.width = static_cast<std::uint32_t>(image.cols);
  header.height = static_cast<std::uint32_t>(image.rows);
  header.bit_depth = 8;
  header.color_type = is_grey ? SPNG_COLOR_TYPE_GRAYSCALE : SPNG_COLOR_TYPE_TRUECOLOR;
  spng_set_ihdr(png.get(), &header);
  std::string words(comment);
  spng_text note{};
  std::snprintf(note.keyword, sizeof note.keyword, "Comment");
  note.type = SPNG_TEXT;
  note.text = words.data();
  note.length = words.size();
  if (!words.empty()) spng_set_text(png.get(), &note, 1);
  int code =
      spng_encode_image(png.get(), pixels.data, pixels.total() * pixels.elemSize(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  std::size_t size = 0;
  const std::unique_ptr<void, void (*)(void*)> bytes(
      code == SPNG_OK ? spng_get_png_buffer(png.get(), &size, &code) : nullptr, std::free);
  if (!bytes) fail_encoding("PNG", spng_strerror(code));
  return {static_cast<const char*>(bytes.get()), size};
}

}  // namespace mien::image
