// SPDX-License-Identifier: Apache-2.0
// From the user's arguments to pictures: files, folders and patterns, decoded before they are used.
#pragma once

#include <deque>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mien/base/error.h"
#include "mien/image/image.h"

namespace mien::recognise {

struct Input {
  std::filesystem::path path;
  std::optional<Error>
      error;  ///< known before decoding: no such file, folder without pictures, pattern without a match
  std::shared_ptr<const std::string> content =
      {};  ///< of a picture without a file; in this case, `path` names the picture in messages
};

/// How many files of a folder or pattern were skipped, by kind: "text file" → 2, "hidden file or folder" → 1.
using PassedOver = std::map<std::string, std::size_t>;

/// Files keep their names. Folders give all pictures below them: files with the extension of a picture, and others
/// whose content is one. Pictures of unsupported kinds (JPEG XL, JPEG 2000), broken links and folders that may
/// not be entered stay in the list and become errors; everything else is counted in `passed_over`, except what systems
/// leave behind (base/folder.h). Words with * ? [ ] that are not a file are patterns. Sorted within each word.
std::vector<Input> collect_inputs(const std::vector<std::string>& words, PassedOver* passed_over = nullptr);

/// "text file (2), zip archive (1)"; empty if nothing was skipped.
std::string describe(const PassedOver& passed_over);

struct Decoded {
  std::filesystem::path path;
  image::Image image;
  std::vector<std::string> notes;  ///< as image::decode_image gives them
  std::optional<Error> error;
  double decode_ms = 0;
};

/// The pictures in order.
class PictureStream {
 public:
  /// ahead: decoding starts with the object and runs up to `ahead` pictures in advance, on other threads.
  /// when_used: a picture is decoded by the thread that takes it out of its future.
  enum class Decoding { ahead, when_used };

  PictureStream(std::vector<Input> inputs, int ahead, Decoding decoding = Decoding::ahead);
  /// The next picture, or nothing after the last. Throws interrupted (base/progress.h).
  std::optional<Decoded> next();
  std::optional<std::future<Decoded>> next_future();

 private:
  void fill();

  std::vector<Input> inputs_;
  std::size_t ahead_, num_started_ = 0;
  std::launch launch_;
  std::deque<std::future<Decoded>> coming_;
};

}  // namespace mien::recognise
