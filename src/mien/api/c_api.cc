// SPDX-License-Identifier: Apache-2.0
// mien.h over mien.hpp: every exception becomes NULL and this thread's last error.
#include <fmt/core.h>

#include <mien/mien.h>

#include <cstring>
#include <mien/mien.hpp>

#include "mien/base/exception.h"

struct mien_recognizer {
  mien::Recognizer recognizer;
};

namespace {

thread_local std::string last_error;
thread_local mien_status last_kind = MIEN_OK;

/// The exception that is being handled; without a message if there is no memory for it.
void remember_current() noexcept {
  last_kind = MIEN_FAILED;
  try {
    const mien::Error error = mien::current_error();
    last_kind = static_cast<mien_status>(mien::exit_code(error.kind()));
    last_error = fmt::format("{}{}{}", error.message(), error.remedy().empty() ? "" : " ", error.remedy());
  } catch (...) {
    last_error.clear();
  }
}

/// Runs `call`; nullptr if it throws.
template <class Call>
auto guarded(Call call) noexcept -> decltype(call()) {
  last_kind = MIEN_OK;
  last_error.clear();
  try {
    return call();
  } catch (...) {
    remember_current();
  }
  return nullptr;
}

mien::PixelFormat format_of(mien_pixel_format format) {
  switch (format) {
    case MIEN_GREY:
      return mien::PixelFormat::grey;
    case MIEN_RGB:
      return mien::PixelFormat::rgb;
    case MIEN_BGR:
      return mien::PixelFormat::bgr;
    case MIEN_RGBA:
      return mien::PixelFormat::rgba;
    case MIEN_BGRA:
      return mien::PixelFormat::bgra;
  }
  mien::fail_usage(fmt::format("Pixel format {} is not known.", static_cast<int>(format)),
                   "Use MIEN_GREY, MIEN_RGB, MIEN_BGR, MIEN_RGBA or MIEN_BGRA.");
}

mien::Options options_of(const mien_options& o) {
  mien::Options out;
  if (o.model) out.model = o.model;
  if (o.detector) out.detector = o.detector;
  out.min_face = o.min_face;
  out.flip = o.flip != 0;
  out.abstain_risk = o.abstain_risk;
  out.threads = o.threads;
  out.parallel = o.parallel;
  return out;
}

std::string lines(const std::vector<std::string>& notes) {
  std::string out;
  for (const auto& note : notes) out += (out.empty() ? "" : "\n") + note;
  return out;
}

/// The C result with the objects that its pointers refer to.
struct OwnedResult : mien_result {
  explicit OwnedResult(mien::Result from) : mien_result{}, source(std::move(from)) {
    face_notes.reserve(source.faces.size());  // the strings must not move: short ones live inside
    for (const mien::Face& f : source.faces) {
      mien_face& out = list.emplace_back();
      out = {{f.box.x, f.box.y, f.box.width, f.box.height},
             f.detection_score,
             f.landmarks.has_value(),
             {},
             f.expression.c_str(),
             f.probability,
             f.probabilities.data(),
             "",
             f.unsure ? static_cast<int>(*f.unsure) : -1};
      for (std::size_t i = 0; f.landmarks && i < 5; ++i)
        out.landmarks[i][0] = (*f.landmarks)[i].x, out.landmarks[i][1] = (*f.landmarks)[i].y;
      out.notes = face_notes.emplace_back(lines(f.notes)).c_str();
    }
    picture_notes = lines(source.notes);
    width = source.width, height = source.height;
    num_faces = list.size(), faces = list.data();
    notes = picture_notes.c_str();
  }
  mien::Result source;
  std::vector<std::string> face_notes;
  std::string picture_notes;
  std::vector<mien_face> list;
};

mien_result* recognize(const mien_recognizer* r, const mien::Picture& picture) {
  return new OwnedResult(r->recognizer.recognize(picture));
}

void need(const void* pointer, const char* name) {
  if (!pointer) mien::fail_usage(fmt::format("{} is NULL.", name));
}

}  // namespace

extern "C" {

mien_options mien_default_options(void) {
  const mien::Options o;
  return {nullptr, nullptr, o.min_face, o.flip, o.abstain_risk, o.threads, o.parallel};
}

mien_recognizer* mien_recognizer_new(const mien_options* options) {
  return guarded(
      [&] { return new mien_recognizer{mien::Recognizer(options ? options_of(*options) : mien::Options{})}; });
}

void mien_recognizer_free(mien_recognizer* recognizer) { delete recognizer; }

size_t mien_num_classes(const mien_recognizer* recognizer) {
  return recognizer ? recognizer->recognizer.classes().size() : 0;
}

const char* mien_class_name(const mien_recognizer* recognizer, size_t index) {
  return index < mien_num_classes(recognizer) ? recognizer->recognizer.classes()[index].c_str() : nullptr;
}

mien_result* mien_recognize_file(const mien_recognizer* recognizer, const char* path) {
  return guarded([&] {
    need(recognizer, "recognizer"), need(path, "path");
    return recognize(recognizer, mien::Picture::load(path));
  });
}

mien_result* mien_recognize_encoded(const mien_recognizer* recognizer, const void* bytes, size_t num_bytes) {
  return guarded([&] {
    need(recognizer, "recognizer"), need(bytes, "bytes");
    return recognize(recognizer, mien::Picture::decode({static_cast<const std::byte*>(bytes), num_bytes}));
  });
}

mien_result* mien_recognize_pixels(const mien_recognizer* recognizer, const uint8_t* pixels, int width, int height,
                                   size_t stride, mien_pixel_format format) {
  return guarded([&] {
    need(recognizer, "recognizer"), need(pixels, "pixels");
    return recognize(recognizer, mien::Picture::from({pixels, width, height, stride, format_of(format)}));
  });
}

void mien_result_free(mien_result* result) { delete static_cast<OwnedResult*>(result); }

const char* mien_last_error(void) { return last_error.c_str(); }
mien_status mien_last_error_kind(void) { return last_kind; }

const char* mien_version(void) {
  try {
    static const std::string version = mien::library_version();
    return version.c_str();
  } catch (...) {
    return "";
  }
}

}  // extern "C"
