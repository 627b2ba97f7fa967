// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/inputs.h"

#include <fmt/core.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "mien/base/elapsed.h"
#include "mien/base/file.h"
#include "mien/base/folder.h"
#include "mien/base/progress.h"
#include "mien/base/text.h"

namespace mien::recognise {
namespace fs = std::filesystem;
namespace {

Input unreadable_folder(const fs::path& folder, const std::string& why) {
  return {folder, Error(ErrorKind::bad_input, fmt::format("{}: the folder cannot be read ({}).", folder.string(), why),
                        "Check its permissions.")};
}

bool is_picture_name(const fs::path& path) {
  return image::has_image_name(path) || image::has_foreign_image_name(path);
}

/// Whether a file of a folder or pattern is to be looked at; one of another kind is counted.
bool is_wanted(const fs::path& path, PassedOver& passed_over) {
  if (is_picture_name(path)) return true;
  const image::ContentKind kind = image::content_kind(file_head(path, image::kHeadBytes));
  if (kind.content == image::Content::picture || kind.content == image::Content::foreign_picture) return true;
  ++passed_over[kind.words];
  return false;
}

std::vector<Input> from_folder(const fs::path& folder, PassedOver& passed_over) {
  if (::access(folder.c_str(), R_OK | X_OK) != 0) return {unreadable_folder(folder, std::strerror(errno))};
  const FolderListing listing = list_folder(folder);
  std::vector<Input> found;
  for (const auto& name : listing.files)
    if (is_wanted(folder / name, passed_over)) found.push_back({folder / name, {}});
  for (const auto& entry : listing.unread) {
    const fs::path path = folder / entry.name;
    if (entry.is_folder)
      found.push_back(unreadable_folder(path, entry.why));
    else if (is_picture_name(path))
      found.push_back({path, {}});
    else
      ++passed_over[entry.why];
  }
  if (!listing.hidden.empty()) passed_over["hidden file or folder"] += listing.hidden.size();
  if (found.empty()) {
    const std::string others = describe(passed_over);
    return {{folder, Error(ErrorKind::bad_input,
                           fmt::format("{}: no pictures in this folder{}", folder.string(),
                                       others.empty() ? "." : fmt::format(", but: {}.", others)),
                           fmt::format("Give a folder with {} files.", image::kReadableFormats))}};
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return found;
}

std::vector<Input> from_pattern(const std::string& pattern, PassedOver& passed_over) {
  std::vector<Input> found;
  glob_t matches{};
  if (::glob(pattern.c_str(), GLOB_TILDE, nullptr, &matches) == 0)
    for (std::size_t i = 0; i < matches.gl_pathc; ++i) {
      const fs::path path = matches.gl_pathv[i];
      std::error_code ignored;
      if (fs::is_directory(path, ignored))
        ++passed_over["folder"];
      else if (!is_litter(path.filename().string()) && is_wanted(path, passed_over))
        found.push_back({path, {}});
    }
  ::globfree(&matches);
  const fs::path folder = fs::path(pattern).parent_path();
  if (found.empty() && ::access(folder.empty() ? "." : folder.c_str(), R_OK | X_OK) != 0 && errno == EACCES)
    return {unreadable_folder(folder, std::strerror(EACCES))};
  if (found.empty())
    return {{pattern,
             Error(ErrorKind::missing, fmt::format("{}: no picture matches.", quote(pattern)), "Check the pattern.")}};
  return found;
}

std::vector<Input> from_word(const std::string& word, PassedOver& passed_over) {
  std::error_code ignored;
  const fs::path path = word;
  if (fs::is_directory(path, ignored)) return from_folder(path, passed_over);
  if (fs::exists(path, ignored)) return {{path, {}}};
  if (word.find_first_of("*?[") != std::string::npos) return from_pattern(word, passed_over);
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
    out.error = Error(ErrorKind::failed, fmt::format("{}: not enough memory for this picture.", input.path.string()),
                      "Reduce the size of the picture first.");
  }
  out.decode_ms = ms_since(begin);
  return out;
}

}  // namespace

std::vector<Input> collect_inputs(const std::vector<std::string>& words, PassedOver* passed_over) {
  std::vector<Input> inputs;
  PassedOver ignored;
  for (const auto& word : words)
    for (auto& input : from_word(word, passed_over ? *passed_over : ignored)) inputs.push_back(std::move(input));
  return inputs;
}

std::string describe(const PassedOver& passed_over) {
  std::vector<std::string> parts;
  for (const auto& [kind, count] : passed_over) parts.push_back(fmt::format("{} ({})", kind, count));
  return join(parts, ", ");
}

PictureStream::PictureStream(std::vector<Input> inputs, int ahead, Decoding decoding)
    : inputs_(std::move(inputs)),
      ahead_(static_cast<std::size_t>(std::max(0, ahead))),
      launch_(decoding == Decoding::ahead ? std::launch::async : std::launch::deferred) {
  fill();
}

void PictureStream::fill() {
  for (; num_started_ < inputs_.size() && coming_.size() <= ahead_; ++num_started_)
    coming_.push_back(std::async(launch_, decode, inputs_[num_started_]));
}

std::optional<std::future<Decoded>> PictureStream::next_future() {
  throw_if_cancelled(interrupt_token());
  if (coming_.empty()) return std::nullopt;
  std::future<Decoded> picture = std::move(coming_.front());
  coming_.pop_front();
  fill();
  return picture;
}

std::optional<Decoded> PictureStream::next() {
  auto picture = next_future();
  return picture ? std::optional(picture->get()) : std::nullopt;
}

}  // namespace mien::recognise
