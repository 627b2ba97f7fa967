// SPDX-License-Identifier: Apache-2.0
// WebP by libwebp and libwebpdemux. Transparency is dropped. The first picture of an animation is read.
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>

#include <memory>

#include "mien/image/codec.h"
#include "mien/image/encode.h"
#include "mien/image/exif.h"

namespace mien::image {
namespace {

using Demuxer = std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)>;

const std::uint8_t* data_of(std::string_view bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }

/// The bytes of the file as its header declares them. The pad byte of an odd last chunk is often missing, but the
/// demuxer requires it.
std::string_view whole_file(const Source& source, std::string& padded) {
  const std::string_view bytes = source.bytes;
  if (bytes.size() < 12) fail_header(source);
  const auto* b = data_of(bytes);
  const std::size_t declared = 8 + (b[4] | std::size_t{b[5]} << 8 | std::size_t{b[6]} << 16 | std::size_t{b[7]} << 24);
  if (declared > bytes.size() + 1) fail_cut(source);
  if (declared <= bytes.size()) return bytes.substr(0, declared);
  padded = std::string(bytes) + '\0';
  return padded;
}

std::string_view status_words(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return "out of memory";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "unsupported feature";
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "not enough data";
    default:
      return "bitstream error";
  }
}

Image decode_still(const Source& source, std::string_view bytes) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) fail_damaged(source, "another version of libwebp");
  const VP8StatusCode status = WebPGetFeatures(data_of(bytes), bytes.size(), &config.input);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA) fail_header(source);
  if (status != VP8_STATUS_OK) fail_damaged(source, status_words(status));
  check_size(source, config.input.width, config.input.height);
  Image out(config.input.height, config.input.width, CV_8UC3);
  config.output.colorspace = MODE_BGR;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = out.data;
  config.output.u.RGBA.stride = static_cast<int>(out.step);
  config.output.u.RGBA.size = out.total() * 3;
  const VP8StatusCode done = WebPDecode(data_of(bytes), bytes.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (done != VP8_STATUS_OK) fail_damaged(source, status_words(done));
  return out;
}

int orientation_of(const WebPDemuxer* demuxer) {
  WebPChunkIterator chunk;
  int orientation = 1;
  if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk))
    orientation = exif_orientation({reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size});
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

Image first_frame(const Source& source, const WebPDemuxer* demuxer) {
  const int width = static_cast<int>(WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH));
  const int height = static_cast<int>(WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT));
  check_size(source, width, height);
  WebPIterator frame;
  const bool is_found = WebPDemuxGetFrame(demuxer, 1, &frame);
  const std::unique_ptr<WebPIterator, void (*)(WebPIterator*)> release(&frame, WebPDemuxReleaseIterator);
  if (!is_found) fail_damaged(source, "no picture in the animation");
  const Image part = decode_still(source, {reinterpret_cast<const char*>(frame.fragment.bytes), frame.fragment.size});
  const cv::Rect place(frame.x_offset, frame.y_offset, part.cols, part.rows);
  Image canvas(height, width, CV_8UC3, cv::Scalar::all(255));
  if ((place & cv::Rect(0, 0, width, height)) != place) fail_damaged(source, "a frame exceeds the canvas");
  part.copyTo(canvas(place));
  return canvas;
}

}  // namespace

Picture read_webp(const Source& source) {
  std::string padded;
  const std::string_view bytes = whole_file(source, padded);
  const WebPData data{data_of(bytes), bytes.size()};
  const Demuxer demuxer(WebPDemux(&data), WebPDemuxDelete);
  Picture out;
  if (!demuxer) {  // the damage may lie outside the pixels: the decoder decides
    out.pixels = decode_still(source, source.bytes);
    out.note = "damaged file: an error outside the pixels";
    return out;
  }
  out.orientation = orientation_of(demuxer.get());
  if (!(WebPDemuxGetI(demuxer.get(), WEBP_FF_FORMAT_FLAGS) & ANIMATION_FLAG)) {
    out.pixels = decode_still(source, source.bytes);
    return out;
  }
  out.note = kAnimated;
  out.pixels = first_frame(source, demuxer.get());
  return out;
}

std::string encode_webp(const Image& image) {
  std::uint8_t* bytes = nullptr;
  const std::size_t size =
      WebPEncodeLosslessBGR(image.data, image.cols, image.rows, static_cast<int>(image.step), &bytes);
  const std::unique_ptr<std::uint8_t, void (*)(void*)> owner(bytes, WebPFree);
  if (size == 0) fail_encoding("WebP", "its sides are limited to 16383 pixels");
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace mien::image
