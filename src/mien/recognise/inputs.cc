// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/inputs.h"

#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "mien/base/file.h"
#include "mien/base/progress.h"
#include "mien/base/text.h"

namespace mien::recognise {
namespace fs = std::filesystem;
namespace {

Input unreadable_folder(const fs::path& folder, const std::string& why) {
  return {folder, Error(ErrorKind::bad_input, text(folder.string(), ": the folder cannot be read (", why, ")."),
                        "Check its permissions.")};
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

std::vector<Input> from_folder(const fs::path& folder) {
  if (::access(folder.c_str(), R_OK | X_OK) != 0) return {unreadable_folder(folder, std::strerror(errno))};
  std::vector<Input> found;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    const fs::path& path = it->path();
    if (it->is_directory(ignored)) {
      const bool is_foreign = is_hidden(path) || path.filename() == "__MACOSX";
      if (is_foreign) it.disable_recursion_pending();
      if (!is_foreign && ::access(path.c_str(), R_OK | X_OK) != 0)
        found.push_back(unreadable_folder(path, std::strerror(errno)));
    } else if (it->is_regular_file(ignored) && !is_hidden(path) &&
               (image::has_image_name(path) || image::has_foreign_image_name(path))) {
      found.push_back({path, {}});
    }
  }
  if (error) return {unreadable_folder(folder, error.message())};
  if (found.empty())
    return {{folder, Error(ErrorKind::bad_input, text(folder.string(), ": no pictures in this folder."),
                           "Give a folder with JPEG, PNG, BMP, WebP, TIFF or PNM files.")}};
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return found;
}

std::vector<Input> from_pattern(const std::string& pattern) {
  std::vector<Input> found;
  glob_t matches{};
  if (::glob(pattern.c_str(), GLOB_TILDE, nullptr, &matches) == 0)
    for (std::size_t i = 0; i < matches.gl_pathc; ++i) {
      const fs::path path = matches.gl_pathv[i];
      std::error_code ignored;
      if (fs::is_directory(path, ignored) || !image::has_image_name(path)) continue;
      found.push_back({path, {}});
    }
  ::globfree(&matches);
  if (found.empty())
    return {{pattern,
             Error(ErrorKind::missing, text(quote(pattern), ": no picture has such a name."), "Check the pattern.")}};
  return found;
}

std::vector<Input> from_word(const std::string& word) {
  std::error_code ignored;
  const fs::path path = word;
  if (fs::is_directory(path, ignored)) return from_folder(path);
  if (fs::exists(path, ignored)) return {{path, {}}};
  if (word.find_first_of("*?[") != std::string::npos) return from_pattern(word);
  try {
    fail_missing(path, "file or folder");
  } catch (const Error& missing) {
    return {{path, missing}};
  }
}

Decoded decode(const Input& input) {
  const auto begin = std::chrono::steady_clock::now();
  Decoded out{input.path, {}, {}, input.error, 0};
  try {
    if (input.content)
      out.image = image::decode_image(*input.content, input.path.string(), &out.notes);
    else if (!out.error)
      out.image = image::load_image(input.path, &out.notes);
  } catch (const Error& error) {
    out.error = error;
  } catch (const std::bad_alloc&) {
    out.error = Error(ErrorKind::failed, text(input.path.string(), ": not enough memory for this picture."),
                      "Make the picture smaller first.");
  }
  out.decode_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return out;
}

}  // namespace

std::vector<Input> collect_inputs(const std::vector<std::string>& words) {
  std::vector<Input> inputs;
  for (const auto& word : words)
    for (auto& input : from_word(word)) inputs.push_back(std::move(input));
  return inputs;
}

PictureStream::PictureStream(std::vector<Input> inputs, int ahead)
    : inputs_(std::move(inputs)), ahead_(static_cast<std::size_t>(std::max(0, ahead))) {
  fill();
}

void PictureStream::fill() {
  for (; num_started_ < inputs_.size() && coming_.size() <= ahead_; ++num_started_)
    coming_.push_back(std::async(std::launch::async, decode, inputs_[num_started_]));
}

std::optional<Decoded> PictureStream::next() {
  throw_if_cancelled(interrupt_token());
  if (coming_.empty()) return std::nullopt;
  Decoded picture = coming_.front().get();
  coming_.pop_front();
  fill();
  return picture;
}

}  // namespace mien::recognise
