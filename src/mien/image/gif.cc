// SPDX-License-Identifier: Apache-2.0
// GIF by giflib. Transparency is dropped. The first picture of an animation is read, on a white canvas.
#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "mien/image/codec.h"

namespace mien::image {
namespace {

struct GifInput {
  std::string_view rest;
  bool is_at_end = false;  ///< more bytes were requested than exist
};

int read_gif_bytes(GifFileType* gif, GifByteType* target, int count) {
  auto& input = *static_cast<GifInput*>(gif->UserData);
  const std::size_t n = std::min(static_cast<std::size_t>(count), input.rest.size());
  std::memcpy(target, input.rest.data(), n);
  input.rest.remove_prefix(n);
  if (n < static_cast<std::size_t>(count)) input.is_at_end = true;
  return static_cast<int>(n);
}

void close_gif(GifFileType* gif) { DGifCloseFile(gif, nullptr); }

class GifReader {
 public:
  explicit GifReader(const Source& source) : source_(source), input_{source.bytes} {
    int code = 0;
    gif_.reset(DGifOpen(&input_, read_gif_bytes, &code));
    if (!gif_ && input_.is_at_end) fail_header(source);
    if (!gif_) fail_damaged(source, words_of(code));
  }

  Picture read() {
    check_size(source_, gif_->SWidth, gif_->SHeight);
    if (next_record() != IMAGE_DESC_RECORD_TYPE) fail_damaged(source_, "no picture inside");
    check(DGifGetImageDesc(gif_.get()));
    Picture out;
    out.pixels.create(gif_->SHeight, gif_->SWidth, CV_8UC3);
    read_frame(out.pixels);
    if (next_record() == IMAGE_DESC_RECORD_TYPE) out.note = kAnimated;
    return out;
  }

 private:
  static std::string_view words_of(int code) {
    const char* words = GifErrorString(code);
    return words ? words : "unknown error";
  }
  void check(int result) {
    if (result == GIF_OK) return;
    if (input_.is_at_end) fail_cut(source_);
    fail_damaged(source_, words_of(gif_->Error));
  }
  /// The next picture or the end; extensions are skipped.
  GifRecordType next_record() {
    for (;;) {
      GifRecordType type = UNDEFINED_RECORD_TYPE;
      check(DGifGetRecordType(gif_.get(), &type));
      if (type != EXTENSION_RECORD_TYPE) return type;
      int code = 0;
      GifByteType* block = nullptr;
      check(DGifGetExtension(gif_.get(), &code, &block));
      while (block) check(DGifGetExtensionNext(gif_.get(), &block));
    }
  }
  void read_frame(Image& canvas) {
    const GifImageDesc& frame = gif_->Image;
    const ColorMapObject* colours = frame.ColorMap ? frame.ColorMap : gif_->SColorMap;
    if (!colours) fail_damaged(source_, "no palette");
    const cv::Rect place(frame.Left, frame.Top, frame.Width, frame.Height);
    if (place.empty() || (place & cv::Rect({0, 0}, canvas.size())) != place)
      fail_damaged(source_, "a frame exceeds the canvas");
    if (place.size() != canvas.size()) canvas.setTo(cv::Scalar::all(255));
    Image part = canvas(place);
    if (!frame.Interlace) {
      for (int y = 0; y < part.rows; ++y) read_row(part, y, *colours);
      return;
    }
    constexpr int kStart[] = {0, 4, 2, 1}, kStep[] = {8, 8, 4, 2};
    for (int pass = 0; pass < 4; ++pass)
      for (int y = kStart[pass]; y < part.rows; y += kStep[pass]) read_row(part, y, *colours);
  }
  void read_row(Image& part, int y, const ColorMapObject& colours) {
    row_.resize(static_cast<std::size_t>(part.cols));
    check(DGifGetLine(gif_.get(), row_.data(), part.cols));
    auto* out = part.ptr<cv::Vec3b>(y);
    for (std::size_t x = 0; x < row_.size(); ++x) {
      if (row_[x] >= colours.ColorCount) fail_damaged(source_, "a pixel exceeds the palette");
      const GifColorType& c = colours.Colors[row_[x]];
      out[x] = {c.Blue, c.Green, c.Red};
    }
  }

  const Source& source_;
  GifInput input_;
  std::unique_ptr<GifFileType, void (*)(GifFileType*)> gif_{nullptr, close_gif};
  std::vector<GifByteType> row_;
};

}  // namespace

Picture read_gif(const Source& source) { return GifReader(source).read(); }

}  // namespace mien::image
