// SPDX-License-Identifier: Apache-2.0
#include "mien/image/jpeg.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h needs it before

#include <jerror.h>
#include <jpeglib.h>

#include "mien/image/exif.h"

namespace mien::image {
namespace {

/// A progressive file of a few kilobytes can ask for any number of passes over the whole picture.
constexpr int kMaxScans = 500;

struct Talk {
  jpeg_error_mgr manager{};  // first: libjpeg hands back its address
  std::jmp_buf escape{};
  char error[JMSG_LENGTH_MAX] = "";
  char warning[JMSG_LENGTH_MAX] = "";
};

Talk& talk_of(j_common_ptr info) { return *reinterpret_cast<Talk*>(info->err); }

[[noreturn]] void on_error(j_common_ptr info) {
  info->err->format_message(info, talk_of(info).error);
  std::longjmp(talk_of(info).escape, 1);
}

void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;  // a trace
  const int code = info->err->msg_code;
  if (code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM) return;  // odd headers, sound pixels
  ++info->err->num_warnings;
  if (!talk_of(info).warning[0]) info->err->format_message(info, talk_of(info).warning);
}

void on_progress(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMaxScans) return;
  std::snprintf(talk_of(info).error, JMSG_LENGTH_MAX, "more than %d passes over the picture", kMaxScans);
  std::longjmp(talk_of(info).escape, 1);
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {
    info_.err = jpeg_std_error(&talk_.manager);
    talk_.manager.error_exit = on_error;
    talk_.manager.emit_message = on_message;
    talk_.manager.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = on_progress;
  }
  ~Decoder() { jpeg_destroy_decompress(&info_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // The functions that libjpeg may leave by longjmp hold nothing that needs a destructor.
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
  const Talk& talk() const { return talk_; }
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
  Talk talk_;
};

/// Ink to light. Adobe's programs store the inks inverted, and say that they were at work.
Image to_bgr(const cv::Mat& cmyk, bool is_inverted) {
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

}  // namespace

JpegPicture decode_jpeg(std::string_view bytes) {
  JpegPicture out;
  Decoder decoder(bytes);
  bool good = decoder.start();
  const auto& info = decoder.info();
  if (good && (info.image_height == 0 || info.image_width > kMaxPixels / info.image_height)) {
    out.error = "impossible size";
    return out;
  }
  const bool is_cmyk = good && info.num_components == 4, is_inverted = info.saw_Adobe_marker;
  const int orientation = exif_orientation(decoder.exif());  // libjpeg forgets the markers with the last row
  cv::Mat pixels;
  if (good) {
    pixels.create(static_cast<int>(info.image_height), static_cast<int>(info.image_width), is_cmyk ? CV_8UC4 : CV_8UC3);
    good = decoder.read(pixels.data, pixels.step);
  }
  out.warning = decoder.talk().warning;
  if (!good)
    out.error = decoder.talk().error;
  else
    out.image = upright(is_cmyk ? to_bgr(pixels, is_inverted) : pixels, orientation);
  return out;
}

}  // namespace mien::image
