// SPDX-License-Identifier: Apache-2.0
// HEIC and AVIF by libheif. The program is not linked to the library but opens it for the first such picture: libheif
// depends on codecs under the GPL (x265), which mien's archive must not contain, and loading them takes time.
#include <fmt/core.h>
#if MIEN_HAS_HEIF
#include <dlfcn.h>
#include <libheif/heif.h>

#include <memory>
#include <opencv2/imgproc.hpp>
#endif

#include "mien/base/error.h"
#include "mien/image/codec.h"

namespace mien::image {
namespace {

[[noreturn]] void fail_without_library(const Source& source, std::string_view why) {
  fail_input(fmt::format("{} is {} {} picture, but libheif, which reads it, is missing ({}).", source.origin,
                         source.kind == "AVIF" ? "an" : "a", source.kind, why),
             "Install it (Debian, Ubuntu: apt install libheif1), or convert the picture to JPEG or PNG.");
}

}  // namespace

#if MIEN_HAS_HEIF
namespace {

/// The libheif functions in use, under their own names.
struct HeifLibrary {
  void* handle = dlopen("libheif.so.1", RTLD_NOW | RTLD_LOCAL);
  std::string error = handle ? "" : loader_error();  ///< why the library cannot be used; empty if it can

  static std::string loader_error() {
    const char* words = dlerror();
    return words ? words : "unknown error";
  }
  template <typename F>
  F* find(F*, const char* name) {
    void* symbol = handle ? dlsym(handle, name) : nullptr;
    if (!symbol && error.empty()) error = loader_error();
    return reinterpret_cast<F*>(symbol);
  }
#define MIEN_HEIF(name) decltype(&heif_##name) name = find(static_cast<decltype(&heif_##name)>(nullptr), "heif_" #name)
  MIEN_HEIF(context_alloc);
  MIEN_HEIF(context_free);
  MIEN_HEIF(context_read_from_memory_without_copy);
  MIEN_HEIF(context_get_primary_image_handle);
  MIEN_HEIF(image_handle_get_width);
  MIEN_HEIF(image_handle_get_height);
  MIEN_HEIF(image_handle_release);
  MIEN_HEIF(decode_image);
  MIEN_HEIF(image_get_width);
  MIEN_HEIF(image_get_height);
  MIEN_HEIF(image_get_plane_readonly);
  MIEN_HEIF(image_release);
#undef MIEN_HEIF
};

void check_heif(const Source& source, const heif_error& error) {
  if (error.code == heif_error_Ok) return;
  if (error.subcode == heif_suberror_End_of_data) fail_cut(source);
  fail_damaged(source, error.message ? error.message : "unknown error");
}

/// ISO base media file format: brands of picture sequences.
bool is_sequence(std::string_view bytes) {
  const std::string_view brand = bytes.substr(8, 4);
  return brand == "avis" || brand == "msf1" || brand == "hevc";
}

}  // namespace

Picture read_heif(const Source& source) {
  static const HeifLibrary heif;
  if (!heif.error.empty()) fail_without_library(source, heif.error);
  const std::unique_ptr<heif_context, void (*)(heif_context*)> context(heif.context_alloc(), heif.context_free);
  check_heif(source, heif.context_read_from_memory_without_copy(context.get(), source.bytes.data(), source.bytes.size(),
                                                                nullptr));
  heif_image_handle* found = nullptr;
  check_heif(source, heif.context_get_primary_image_handle(context.get(), &found));
  const std::unique_ptr<const heif_image_handle, void (*)(const heif_image_handle*)> handle(found,
                                                                                            heif.image_handle_release);
  check_size(source, heif.image_handle_get_width(found), heif.image_handle_get_height(found));
  heif_image* decoded = nullptr;  // already turned as the file says: do not apply EXIF orientation again
  check_heif(source, heif.decode_image(found, &decoded, heif_colorspace_RGB, heif_chroma_interleaved_RGB, nullptr));
  const std::unique_ptr<const heif_image, void (*)(const heif_image*)> image(decoded, heif.image_release);
  const int width = heif.image_get_width(decoded, heif_channel_interleaved);
  const int height = heif.image_get_height(decoded, heif_channel_interleaved);
  check_size(source, width, height);
  int stride = 0;
  const std::uint8_t* pixels = heif.image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
  if (!pixels) fail_damaged(source, "no pixels");
  Picture out;
  cv::cvtColor(cv::Mat(height, width, CV_8UC3, const_cast<std::uint8_t*>(pixels), static_cast<std::size_t>(stride)),
               out.pixels, cv::COLOR_RGB2BGR);
  if (is_sequence(source.bytes)) out.note = kAnimated;
  return out;
}
#else
Picture read_heif(const Source& source) { fail_without_library(source, "this program was built without it"); }
#endif

}  // namespace mien::image
