// SPDX-License-Identifier: Apache-2.0
// TIFF by libtiff, whose RGBA interface converts palettes, CMYK, YCbCr and 16 bits to bytes. The first picture of a
// file is read.
#include <fmt/core.h>
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <opencv2/imgproc.hpp>

#include "mien/image/codec.h"
#include "mien/image/encode.h"

namespace mien::image {
namespace {

/// Limit of a single allocation by libtiff: an unpacked strip or tile.
constexpr tmsize_t kMostMemory = tmsize_t{1} << 30;

/// A file in memory, to read from or to write to, and libtiff's first error.
struct MemoryFile {
  std::string_view input;
  std::string output;
  std::size_t position = 0;
  std::array<char, 256> error{};

  std::size_t size() const { return std::max(input.size(), output.size()); }
};

MemoryFile& memory_of(thandle_t handle) { return *static_cast<MemoryFile*>(handle); }

tmsize_t read_tiff_bytes(thandle_t handle, void* target, tmsize_t count) {
  MemoryFile& m = memory_of(handle);
  const std::string_view from = m.input.empty() ? std::string_view(m.output) : m.input;
  if (m.position >= from.size() || count <= 0) return 0;
  const std::size_t n = std::min(static_cast<std::size_t>(count), from.size() - m.position);
  std::memcpy(target, from.data() + m.position, n);
  m.position += n;
  return static_cast<tmsize_t>(n);
}

tmsize_t write_tiff_bytes(thandle_t handle, void* source, tmsize_t count) {
  MemoryFile& m = memory_of(handle);
  const auto n = static_cast<std::size_t>(count);
  if (m.output.size() < m.position + n) m.output.resize(m.position + n);
  std::memcpy(m.output.data() + m.position, source, n);
  m.position += n;
  return count;
}

toff_t seek_in_tiff(thandle_t handle, toff_t offset, int whence) {
  MemoryFile& m = memory_of(handle);
  std::size_t start = 0;
  if (whence == SEEK_CUR) start = m.position;
  if (whence == SEEK_END) start = m.size();
  m.position = start + offset;
  return m.position;
}

int keep_tiff_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  auto& error = static_cast<MemoryFile*>(user)->error;
  if (!error[0]) std::vsnprintf(error.data(), error.size(), format, arguments);
  return 1;
}

int drop_tiff_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

using Tiff = std::unique_ptr<TIFF, void (*)(TIFF*)>;

Tiff open_tiff(MemoryFile& memory, const char* mode) {
  const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                             TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostMemory);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_tiff_error, &memory);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), drop_tiff_warning, nullptr);
  const auto no_map = [](thandle_t, void**, toff_t*) { return 0; };
  return {TIFFClientOpenExt(
              "picture", mode, &memory, read_tiff_bytes, write_tiff_bytes, seek_in_tiff, [](thandle_t) { return 0; },
              [](thandle_t handle) { return static_cast<toff_t>(memory_of(handle).size()); }, no_map,
              [](thandle_t, void*, toff_t) {}, options.get()),
          TIFFClose};
}

[[noreturn]] void fail_tiff(const Source& source, const MemoryFile& memory) {
  fail_damaged(source, memory.error[0] ? memory.error.data() : "no picture inside");
}

/// Whether all strips or tiles lie within the file (TIFF 6.0, sections 3 and 15).
bool has_all_strips(TIFF* tiff, std::size_t size) {
  const std::uint32_t count = TIFFIsTiled(tiff) ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  for (std::uint32_t i = 0; i < count; ++i) {
    int failed = 0;
    const std::uint64_t offset = TIFFGetStrileOffsetWithErr(tiff, i, &failed);
    const std::uint64_t bytes = failed ? 0 : TIFFGetStrileByteCountWithErr(tiff, i, &failed);
    if (failed || offset > size || bytes > size - offset) return false;
  }
  return true;
}

/// Height of the bands in which the picture is unpacked: a strip or a row of tiles.
int tiff_band_height(TIFF* tiff, int height) {
  std::uint32_t rows = 0;
  TIFFGetField(tiff, TIFFIsTiled(tiff) ? TIFFTAG_TILELENGTH : TIFFTAG_ROWSPERSTRIP, &rows);
  return rows == 0 || rows > static_cast<std::uint32_t>(height) ? height : static_cast<int>(rows);
}

/// JBIG is refused everywhere: its library is under the GPL and missing from the archive (tools/libjbig.cc).
void check_tiff_form(const Source& source, TIFF* tiff) {
  std::uint16_t compression = COMPRESSION_NONE;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
  if (compression == COMPRESSION_JBIG || !TIFFIsCODECConfigured(compression))
    fail_damaged(source, fmt::format("compression scheme {} is not read", compression));
  std::array<char, 1024> why{};
  if (!TIFFRGBAImageOK(tiff, why.data())) fail_damaged(source, why.data());
}

/// Whether the strips hold eight-bit red-green-blue pixels, the common form.
bool has_rgb_strips(TIFF* tiff) {
  std::uint16_t bits = 0, samples = 0, photometric = 0, planes = 0;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planes);
  return !TIFFIsTiled(tiff) && bits == 8 && samples == 3 && photometric == PHOTOMETRIC_RGB &&
         planes == PLANARCONFIG_CONTIG;
}

/// Faster than the RGBA interface. Missing parts of a damaged strip stay black, as with the RGBA interface.
void unpack_rgb_strips(TIFF* tiff, Image& out) {
  const int rows = tiff_band_height(tiff, out.rows);
  for (int y = 0, strip = 0; y < out.rows; y += rows, ++strip) {
    cv::Mat band = out.rowRange(y, std::min(y + rows, out.rows));
    band.setTo(cv::Scalar::all(0));
    TIFFReadEncodedStrip(tiff, static_cast<std::uint32_t>(strip), band.data, static_cast<tmsize_t>(band.total() * 3));
    swap_red_and_blue(band);
  }
}

void unpack_tiff(const Source& source, TIFF* tiff, const MemoryFile& memory, Image& out) {
  TIFFRGBAImage reader;
  std::array<char, 1024> why{};
  if (!TIFFRGBAImageBegin(&reader, tiff, /*stop=*/0, why.data())) fail_damaged(source, why.data());
  const std::unique_ptr<TIFFRGBAImage, void (*)(TIFFRGBAImage*)> end(&reader, TIFFRGBAImageEnd);
  reader.req_orientation = reader.orientation;  // rows and columns as stored
  const int rows = tiff_band_height(tiff, out.rows);
  cv::Mat band(rows, out.cols, CV_8UC4);
  for (int y = 0; y < out.rows; y += rows) {
    const int count = std::min(rows, out.rows - y);
    reader.row_offset = y;
    if (!TIFFRGBAImageGet(&reader, band.ptr<std::uint32_t>(), static_cast<std::uint32_t>(out.cols),
                          static_cast<std::uint32_t>(count)))
      fail_tiff(source, memory);
    cv::cvtColor(band.rowRange(0, count), out.rowRange(y, y + count), cv::COLOR_RGBA2BGR);
  }
}

}  // namespace

Picture read_tiff(const Source& source) {
  MemoryFile memory;
  memory.input = source.bytes;
  const Tiff tiff = open_tiff(memory, "rm");  // m: no memory mapping
  if (!tiff) fail_header(source);
  std::uint32_t width = 0, height = 0;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  check_size(source, width, height);
  check_tiff_form(source, tiff.get());
  if (!has_all_strips(tiff.get(), source.bytes.size())) fail_cut(source);
  Picture out;
  out.pixels.create(static_cast<int>(height), static_cast<int>(width), CV_8UC3);
  if (has_rgb_strips(tiff.get()))
    unpack_rgb_strips(tiff.get(), out.pixels);
  else
    unpack_tiff(source, tiff.get(), memory, out.pixels);
  std::uint16_t orientation = ORIENTATION_TOPLEFT;
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_ORIENTATION, &orientation);
  out.orientation = orientation;
  if (memory.error[0]) out.note = fmt::format("damaged file: {}", memory.error.data());
  return out;
}

std::string encode_tiff(const Image& image) {
  cv::Mat rgb;
  cv::cvtColor(image, rgb, cv::COLOR_BGR2RGB);
  MemoryFile memory;
  Tiff tiff = open_tiff(memory, "w");
  bool is_good = tiff != nullptr;
  if (is_good) {
    TIFFSetField(tiff.get(), TIFFTAG_IMAGEWIDTH, image.cols);
    TIFFSetField(tiff.get(), TIFFTAG_IMAGELENGTH, image.rows);
    TIFFSetField(tiff.get(), TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff.get(), TIFFTAG_SAMPLESPERPIXEL, 3);
    TIFFSetField(tiff.get(), TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    TIFFSetField(tiff.get(), TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff.get(), TIFFTAG_COMPRESSION, COMPRESSION_LZW);
    TIFFSetField(tiff.get(), TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
    TIFFSetField(tiff.get(), TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff.get(), 0));
  }
  for (int y = 0; is_good && y < rgb.rows; ++y)
    is_good = TIFFWriteScanline(tiff.get(), rgb.ptr(y), static_cast<std::uint32_t>(y), 0) == 1;
  is_good = is_good && TIFFFlush(tiff.get()) == 1;
  tiff.reset();
  if (!is_good) fail_encoding("TIFF", memory.error.data());
  return memory.output;
}

}  // namespace mien::image
