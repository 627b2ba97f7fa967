// SPDX-License-Identifier: Apache-2.0
// PNM: bitmaps, grey and colour pictures as text (P1 to P3) or bytes (P4 to P6). Two-byte samples lose the lower byte.
#include <algorithm>
#include <cctype>
#include <optional>

#include "mien/image/codec.h"

namespace mien::image {
namespace {

constexpr std::int64_t kMostOfANumber = 1 << 30, kMostOfASample = 65535;

/// Numbers between white space and comments ("# ... end of line").
class Numbers {
 public:
  Numbers(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(at) {}
  std::optional<std::int64_t> next(std::size_t most_digits = 10) {
    while (at_ < bytes_.size() && !is_digit()) {
      if (bytes_[at_] == '#')
        at_ = std::min(bytes_.find_first_of("\r\n", at_), bytes_.size());
      else if (!std::isspace(static_cast<unsigned char>(bytes_[at_])))
        return std::nullopt;
      else
        ++at_;
    }
    if (at_ >= bytes_.size()) return std::nullopt;
    std::int64_t value = 0;
    for (std::size_t digits = 0; at_ < bytes_.size() && is_digit() && digits < most_digits; ++digits)
      value = value * 10 + (bytes_[at_++] - '0');
    return value <= kMostOfANumber ? std::optional(value) : std::nullopt;
  }
  std::size_t at() const { return at_; }

 private:
  bool is_digit() const { return std::isdigit(static_cast<unsigned char>(bytes_[at_])) != 0; }

  std::string_view bytes_;
  std::size_t at_;
};

struct PnmHeader {
  std::int64_t width = 0, height = 0, maximum = 1;
  bool is_bitmap = false, is_text = false, is_colour = false;
  std::size_t end = 0;  ///< start of the samples: one white space after the last number
};

std::optional<PnmHeader> read_pnm_header(std::string_view b) {
  if (b.size() < 3) return std::nullopt;
  PnmHeader header;
  header.is_bitmap = b[1] == '1' || b[1] == '4';
  header.is_colour = b[1] == '3' || b[1] == '6';
  header.is_text = b[1] <= '3';
  Numbers numbers(b, 2);
  const auto width = numbers.next(), height = numbers.next();
  const auto maximum = header.is_bitmap ? std::optional<std::int64_t>(1) : numbers.next();
  if (!width || !height || !maximum || *width < 1 || *height < 1 || *maximum < 1 || *maximum > kMostOfASample)
    return std::nullopt;
  header.width = *width, header.height = *height, header.maximum = *maximum;
  header.end = numbers.at() + 1;
  return header;
}

std::uint8_t byte_of(std::int64_t sample) { return static_cast<std::uint8_t>(sample); }

/// Text samples are scaled to 0..255, as OpenCV did; two-byte samples lose the lower byte.
std::uint8_t text_sample(std::int64_t value, const PnmHeader& header) {
  if (header.is_bitmap) return value ? 0 : 255;
  value = std::min(value, header.maximum);
  return byte_of(header.maximum > 255 ? value >> 8 : value * 255 / header.maximum);
}

void read_pnm_text(const Source& source, const PnmHeader& header, Image& out) {
  Numbers numbers(source.bytes, header.end - 1);
  const int channels = header.is_colour ? 3 : 1;
  for (int y = 0; y < out.rows; ++y)
    for (int x = 0; x < out.cols; ++x)
      for (int c = 0; c < channels; ++c) {
        const auto value = numbers.next(header.is_bitmap ? 1 : 10);
        if (!value && numbers.at() >= source.bytes.size()) fail_cut(source);
        if (!value) fail_damaged(source, "a sample is not a number");
        auto& pixel = out.at<cv::Vec3b>(y, x);
        if (header.is_colour)
          pixel[2 - c] = text_sample(*value, header);
        else
          pixel = cv::Vec3b::all(text_sample(*value, header));
      }
}

void read_pnm_row(const std::uint8_t* from, const PnmHeader& header, cv::Vec3b* out) {
  const std::size_t step = header.maximum > 255 ? 2 : 1;  // big-endian: the upper byte is first
  for (std::size_t x = 0; x < static_cast<std::size_t>(header.width); ++x) {
    if (header.is_bitmap)
      out[x] = cv::Vec3b::all(from[x / 8] >> (7 - x % 8) & 1 ? 0 : 255);
    else if (header.is_colour)
      out[x] = {from[(3 * x + 2) * step], from[(3 * x + 1) * step], from[3 * x * step]};
    else
      out[x] = cv::Vec3b::all(from[x * step]);
  }
}

std::int64_t row_bytes(const PnmHeader& header) {
  if (header.is_bitmap) return (header.width + 7) / 8;
  return header.width * (header.is_colour ? 3 : 1) * (header.maximum > 255 ? 2 : 1);
}

/// Minimum length of the samples: as text one digit each and, except for bitmaps, a space between.
std::int64_t needed_bytes(const PnmHeader& header) {
  if (!header.is_text) return row_bytes(header) * header.height;
  const std::int64_t samples = header.width * header.height * (header.is_colour ? 3 : 1);
  return header.is_bitmap ? samples : 2 * samples - 1;
}

}  // namespace

bool has_pnm_header(std::string_view head) { return read_pnm_header(head).has_value(); }

Picture read_pnm(const Source& source) {
  const auto header = read_pnm_header(source.bytes);
  if (!header) fail_header(source);
  check_size(source, header->width, header->height);
  const std::int64_t there = static_cast<std::int64_t>(source.bytes.size()) - static_cast<std::int64_t>(header->end);
  if (there < needed_bytes(*header)) fail_cut(source);
  Picture out;
  out.pixels.create(static_cast<int>(header->height), static_cast<int>(header->width), CV_8UC3);
  if (header->is_text) {
    read_pnm_text(source, *header, out.pixels);
    return out;
  }
  const auto* samples = reinterpret_cast<const std::uint8_t*>(source.bytes.data()) + header->end;
  for (int y = 0; y < out.pixels.rows; ++y)
    read_pnm_row(samples + y * row_bytes(*header), *header, out.pixels.ptr<cv::Vec3b>(y));
  return out;
}

}  // namespace mien::image
