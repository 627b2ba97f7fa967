// SPDX-License-Identifier: Apache-2.0
// JPEG by libjpeg-turbo: baseline and progressive; grey, YCbCr, RGB, CMYK, YCCK. A JPEG that is damaged in the middle
// is decoded to the end, grey or shifted from the damage on; the picture is returned with a note.
#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h needs it before
#include <cstdlib>

#include <fmt/core.h>
#include <jerror.h>
#include <jpeglib.h>

#include "mien/image/codec.h"
#include "mien/image/encode.h"
#include "mien/image/exif.h"

namespace mien::image {
namespace {

/// A progressive file of a few kilobytes can require any number of passes over the whole picture.
constexpr int kMaxScans = 500;

struct JpegTalk {
  jpeg_error_mgr manager{};  // first: libjpeg passes its address back
  std::jmp_buf escape{};
  char error[JMSG_LENGTH_MAX] = "";
  char warning[JMSG_LENGTH_MAX] = "";
  bool is_cut = false;  ///< the bytes ended before the end marker
};

JpegTalk& talk_of(j_common_ptr info) { return *reinterpret_cast<JpegTalk*>(info->err); }

[[noreturn]] void on_jpeg_error(j_common_ptr info) {
  info->err->format_message(info, talk_of(info).error);
  std::longjmp(talk_of(info).escape, 1);
}

void on_jpeg_message(j_common_ptr info, int level) {
  if (level >= 0) return;  // a trace
  const int code = info->err->msg_code;
  if (code == JWRN_JPEG_EOF) {  // libjpeg would fill the rest of the picture, however large, with grey
    talk_of(info).is_cut = true;
    std::longjmp(talk_of(info).escape, 1);
  }
  if (code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM) return;  // odd headers, sound pixels
  ++info->err->num_warnings;
  if (!talk_of(info).warning[0]) info->err->format_message(info, talk_of(info).warning);
}

void on_jpeg_progress(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMaxScans) return;
  std::snprintf(talk_of(info).error, JMSG_LENGTH_MAX, "more than %d passes over the picture", kMaxScans);
  std::longjmp(talk_of(info).escape, 1);
}

class JpegDecoder {
 public:
  explicit JpegDecoder(std::string_view bytes) : bytes_(bytes) {
    info_.err = jpeg_std_error(&talk_.manager);
    talk_.manager.error_exit = on_jpeg_error;
    talk_.manager.emit_message = on_jpeg_message;
    talk_.manager.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = on_jpeg_progress;
  }
  ~JpegDecoder() { jpeg_destroy_decompress(&info_); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  // Functions that libjpeg may leave by longjmp must not hold objects with destructors.
  bool start() {
    if (setjmp(talk_.escape)) return false;
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xFFFF);
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()),
                 static_cast<unsigned long>(bytes_.size()));
    jpeg_read_header(&info_, TRUE);
    info_.out_color_space = info_.num_components == 4 ? JCS_CMYK : JCS_EXT_BGR;
    return true;
  }
  bool read(unsigned char* pixels, std::size_t stride) {
    if (setjmp(talk_.escape)) return false;
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = pixels + info_.output_scanline * stride;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  const jpeg_decompress_struct& info() const { return info_; }
  const JpegTalk& talk() const { return talk_; }
  std::string_view exif() const {
    for (auto* marker = info_.marker_list; marker; marker = marker->next) {
      const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
      if (data.starts_with("Exif")) return data;
    }
    return {};
  }

 private:
  std::string_view bytes_;
  jpeg_decompress_struct info_{};
  jpeg_progress_mgr progress_{};
  JpegTalk talk_;
};

/// CMYK to BGR. Adobe's programs store inverted inks and write their own marker.
Image cmyk_to_bgr(const cv::Mat& cmyk, bool is_inverted) {
  Image out(cmyk.rows, cmyk.cols, CV_8UC3);
  for (int y = 0; y < cmyk.rows; ++y)
    for (int x = 0; x < cmyk.cols; ++x) {
      const auto& ink = cmyk.at<cv::Vec4b>(y, x);
      const auto light = [&](int c) { return is_inverted ? ink[c] : 255 - ink[c]; };
      for (int c = 0; c < 3; ++c)
        out.at<cv::Vec3b>(y, x)[2 - c] = static_cast<uchar>((light(c) * light(3) + 127) / 255);
    }
  return out;
}

[[noreturn]] void fail_jpeg(const Source& source, const JpegTalk& talk) {
  if (talk.is_cut) fail_cut(source);
  fail_damaged(source, talk.error);
}

/// A Huffman code takes at least one bit for a block of 8 × 8 pixels. libjpeg would fill what is missing with grey.
void check_plausible(const Source& source, const jpeg_decompress_struct& info) {
  const std::int64_t blocks = static_cast<std::int64_t>(info.image_width) * info.image_height / 64;
  if (!info.arith_code && blocks / 8 > static_cast<std::int64_t>(source.bytes.size()))
    fail_damaged(source, fmt::format("{} bytes cannot hold {}x{} pixels", source.bytes.size(), info.image_width,
                                     info.image_height));
}

}  // namespace

Picture read_jpeg(const Source& source) {
  JpegDecoder decoder(source.bytes);
  if (!decoder.start()) fail_jpeg(source, decoder.talk());
  const auto& info = decoder.info();
  check_size(source, info.image_width, info.image_height);
  check_plausible(source, info);
  const bool is_cmyk = info.num_components == 4, is_inverted = info.saw_Adobe_marker;
  Picture out;
  out.orientation = exif_orientation(decoder.exif());  // libjpeg discards the markers after the last row
  out.pixels.create(static_cast<int>(info.image_height), static_cast<int>(info.image_width),
                    is_cmyk ? CV_8UC4 : CV_8UC3);
  const bool is_read = decoder.read(out.pixels.data, out.pixels.step);
  if (!is_read) fail_jpeg(source, decoder.talk());
  if (decoder.talk().warning[0]) out.note = fmt::format("damaged file: {}", decoder.talk().warning);
  if (is_cmyk) out.pixels = cmyk_to_bgr(out.pixels, is_inverted);
  return out;
}

namespace {

class JpegEncoder {
 public:
  JpegEncoder() {
    info_.err = jpeg_std_error(&talk_.manager);
    talk_.manager.error_exit = on_jpeg_error;
    talk_.manager.emit_message = on_jpeg_message;
    talk_.manager.output_message = [](j_common_ptr) {};
  }
  ~JpegEncoder() {
    jpeg_destroy_compress(&info_);
    std::free(bytes_);
  }
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;

  bool write(const cv::Mat& image, int quality, std::string_view comment) {
    if (setjmp(talk_.escape)) return false;
    jpeg_create_compress(&info_);
    jpeg_mem_dest(&info_, &bytes_, &size_);
    info_.image_width = static_cast<JDIMENSION>(image.cols);
    info_.image_height = static_cast<JDIMENSION>(image.rows);
    info_.input_components = image.channels();
    info_.in_color_space = image.channels() == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
    jpeg_set_defaults(&info_);
    jpeg_set_quality(&info_, quality, TRUE);
    jpeg_start_compress(&info_, TRUE);
    if (!comment.empty())
      jpeg_write_marker(&info_, JPEG_COM, reinterpret_cast<const JOCTET*>(comment.data()),
                        static_cast<unsigned>(comment.size()));
    while (info_.next_scanline < info_.image_height) {
      JSAMPROW row = const_cast<JSAMPROW>(image.data + info_.next_scanline * image.step[0]);
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
    return true;
  }

  std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_), size_}; }
  const JpegTalk& talk() const { return talk_; }

 private:
  jpeg_compress_struct info_{};
  JpegTalk talk_;
  unsigned char* bytes_ = nullptr;
  unsigned long size_ = 0;
};

}  // namespace

std::string encode_jpeg(const Image& image, int quality, std::string_view comment) {
  JpegEncoder encoder;
  if (!encoder.write(image, quality, comment)) fail_encoding("JPEG", encoder.talk().error);
  return std::string(encoder.bytes());
}

}  // namespace mien::image
