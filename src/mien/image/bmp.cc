// SPDX-License-Identifier: Apache-2.0
// BMP (Windows bitmaps with a header of at least 40 bytes): 1, 4, 8, 16, 24 and 32 bits, plain or run-length coded.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "mien/image/codec.h"
#include "mien/image/encode.h"

namespace mien::image {
namespace {

enum class BmpCompression : std::uint32_t { none = 0, rle8 = 1, rle4 = 2, masks = 3 };

constexpr std::size_t kFileHead = 14, kSmallestHead = 40;

std::uint32_t little_endian(std::string_view b, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(b[at + i]);
  return value;
}

struct BmpHeader {
  std::size_t pixels = 0;  ///< start of the pixels
  std::int64_t width = 0, height = 0;
  bool is_top_down = false;
  std::uint32_t bits = 0;
  BmpCompression compression = BmpCompression::none;
  bool has_565 = false;  ///< 16 bits with six for green; otherwise five for each
  std::vector<cv::Vec3b> palette;
};

void read_bmp_palette(const Source& source, std::size_t at, BmpHeader& header) {
  const std::uint32_t used = little_endian(source.bytes, kFileHead + 32, 4);
  const std::size_t count = used ? used : std::size_t{1} << header.bits;
  if (count > 256) fail_damaged(source, "its palette has more than 256 colours");
  if (at + 4 * count > source.bytes.size()) fail_cut(source);
  header.palette.assign(256, {});
  for (std::size_t i = 0; i < count; ++i) std::memcpy(header.palette[i].val, source.bytes.data() + at + 4 * i, 3);
}

void read_bmp_masks(const Source& source, BmpHeader& header) {
  constexpr std::size_t kMasks = kFileHead + kSmallestHead;
  if (kMasks + 12 > source.bytes.size()) fail_cut(source);
  const std::uint32_t red = little_endian(source.bytes, kMasks, 4), green = little_endian(source.bytes, kMasks + 4, 4),
                      blue = little_endian(source.bytes, kMasks + 8, 4);
  header.has_565 = red == 0xF800 && green == 0x7E0 && blue == 0x1F;
  if (!header.has_565 && !(red == 0x7C00 && green == 0x3E0 && blue == 0x1F))
    fail_damaged(source, "unusual colour masks");
}

bool is_known_bmp(const BmpHeader& h) {
  switch (h.compression) {
    case BmpCompression::none:
      return h.bits == 1 || h.bits == 4 || h.bits == 8 || h.bits == 16 || h.bits == 24 || h.bits == 32;
    case BmpCompression::rle8:
      return h.bits == 8;
    case BmpCompression::rle4:
      return h.bits == 4;
    case BmpCompression::masks:
      return h.bits == 16 || h.bits == 32;
  }
  return false;
}

BmpHeader read_bmp_header(const Source& source) {
  const std::string_view b = source.bytes;
  if (b.size() < kFileHead + kSmallestHead) fail_header(source);
  const std::size_t size = little_endian(b, kFileHead, 4);
  if (size < kSmallestHead) fail_damaged(source, "an OS/2 header, which is not read");
  BmpHeader header;
  header.pixels = little_endian(b, 10, 4);
  header.width = static_cast<std::int32_t>(little_endian(b, kFileHead + 4, 4));
  const auto height = static_cast<std::int32_t>(little_endian(b, kFileHead + 8, 4));
  header.height = std::abs(static_cast<std::int64_t>(height));
  header.is_top_down = height < 0;
  header.bits = little_endian(b, kFileHead + 14, 2);
  header.compression = static_cast<BmpCompression>(little_endian(b, kFileHead + 16, 4));
  check_size(source, header.width, header.height);
  if (little_endian(b, 2, 4) > b.size()) fail_cut(source);
  if (!is_known_bmp(header)) fail_damaged(source, "an unknown form");
  if (header.bits <= 8) read_bmp_palette(source, kFileHead + size, header);
  if (header.bits == 16 && header.compression == BmpCompression::masks) read_bmp_masks(source, header);
  return header;
}

cv::Vec3b from_16_bits(std::uint32_t v, bool has_565) {
  const auto byte = [](std::uint32_t value) { return static_cast<std::uint8_t>(value); };
  if (has_565) return {byte(v << 3), byte(v >> 3 & ~3u), byte(v >> 8 & ~7u)};
  return {byte(v << 3), byte(v >> 2 & ~7u), byte(v >> 7 & ~7u)};
}

void read_bmp_row(const char* from, const BmpHeader& header, cv::Vec3b* out) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(from);
  const auto width = static_cast<std::size_t>(header.width);
  if (header.bits == 24) {
    std::memcpy(static_cast<void*>(out), from, 3 * width);
    return;
  }
  for (std::size_t x = 0; x < width; ++x) {
    if (header.bits == 32) out[x] = {bytes[4 * x], bytes[4 * x + 1], bytes[4 * x + 2]};
    if (header.bits == 16)
      out[x] = from_16_bits(bytes[2 * x] | static_cast<std::uint32_t>(bytes[2 * x + 1]) << 8, header.has_565);
    if (header.bits <= 8) {
      const std::size_t bit = x * header.bits;
      const std::uint32_t shift = 8 - header.bits - bit % 8;
      out[x] = header.palette[bytes[bit / 8] >> shift & ((1u << header.bits) - 1)];
    }
  }
}

/// Run-length codes: pairs (count, value); a count of 0 begins the end of a row, the end, a move, or single pixels.
class RunLengths {
 public:
  RunLengths(const Source& source, const BmpHeader& header, Image& out)
      : source_(source), header_(header), out_(out), at_(header.pixels) {}

  void read() {  // rows from the bottom up
    for (;;) {
      const std::uint32_t count = next(), value = next();
      if (count > 0) {
        begin(count);
        for (std::uint32_t i = 0; i < count; ++i) put(header_.bits == 8 ? value : (i % 2 ? value & 15 : value >> 4));
      } else if (value == 0) {
        x_ = 0, ++y_;
      } else if (value == 1) {
        return;
      } else if (value == 2) {
        x_ += next(), y_ += next();
      } else {
        read_single(value);
      }
      if (y_ >= out_.rows) return;
    }
  }

 private:
  std::uint32_t next() {
    if (at_ >= source_.bytes.size()) fail_cut(source_);
    return static_cast<unsigned char>(source_.bytes[at_++]);
  }
  /// A full row may lack its end code.
  void begin(std::uint32_t count) {
    if (x_ == out_.cols) x_ = 0, ++y_;
    if (y_ >= out_.rows || x_ + count > out_.cols) fail_damaged(source_, "a run exceeds its row");
  }
  void put(std::uint32_t index) {
    const auto row = static_cast<int>(header_.is_top_down ? y_ : out_.rows - 1 - y_);
    out_.at<cv::Vec3b>(row, static_cast<int>(x_++)) = header_.palette[index];
  }
  void read_single(std::uint32_t count) {
    begin(count);
    std::uint32_t bytes = 0, value = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      const bool is_new = header_.bits == 8 || i % 2 == 0;
      if (is_new) value = next(), ++bytes;
      put(header_.bits == 8 ? value : (is_new ? value >> 4 : value & 15));
    }
    if (bytes % 2) next();
  }

  const Source& source_;
  const BmpHeader& header_;
  Image& out_;
  std::size_t at_;
  std::int64_t x_ = 0, y_ = 0;
};

}  // namespace

Picture read_bmp(const Source& source) {
  const BmpHeader header = read_bmp_header(source);
  const bool is_coded = header.compression == BmpCompression::rle8 || header.compression == BmpCompression::rle4;
  const std::size_t pitch = (static_cast<std::size_t>(header.width) * header.bits + 31) / 32 * 4;
  const std::size_t needed = is_coded ? 0 : pitch * static_cast<std::size_t>(header.height);
  if (header.pixels > source.bytes.size() || needed > source.bytes.size() - header.pixels) fail_cut(source);
  Picture out;
  out.pixels.create(static_cast<int>(header.height), static_cast<int>(header.width), CV_8UC3);
  if (is_coded) {
    out.pixels.setTo(cv::Scalar(header.palette[0]));
    RunLengths(source, header, out.pixels).read();
    return out;
  }
  for (int row = 0; row < out.pixels.rows; ++row) {
    const int y = header.is_top_down ? row : out.pixels.rows - 1 - row;
    read_bmp_row(source.bytes.data() + header.pixels + pitch * static_cast<std::size_t>(row), header,
                 out.pixels.ptr<cv::Vec3b>(y));
  }
  return out;
}

std::string encode_bmp(const Image& image) {
  const std::size_t row = static_cast<std::size_t>(image.cols) * 3, pitch = (row + 3) / 4 * 4;
  const std::size_t size = kFileHead + kSmallestHead + pitch * static_cast<std::size_t>(image.rows);
  if (size > 0xFFFFFFFFu) fail_encoding("BMP", "it would exceed 4 GB");
  std::string out = "BM";
  const auto add = [&](std::size_t value, int count) {
    for (int i = 0; i < count; ++i) out += static_cast<char>(value >> 8 * i & 0xFF);
  };
  add(size, 4), add(0, 4), add(kFileHead + kSmallestHead, 4), add(kSmallestHead, 4);
  add(static_cast<std::size_t>(image.cols), 4), add(static_cast<std::size_t>(image.rows), 4);
  add(1, 2), add(24, 2);
  out.append(24, '\0');
  for (int y = image.rows - 1; y >= 0; --y) {
    out.append(image.ptr<char>(y), row);
    out.append(pitch - row, '\0');
  }
  return out;
}

}  // namespace mien::image
