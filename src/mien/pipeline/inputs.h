// SPDX-License-Identifier: Apache-2.0
// From what the user typed to pictures: files, folders and patterns, decoded ahead of their use.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mien/base/error.h"
#include "mien/vision/image.h"

namespace mien::pipeline {

struct Input {
  std::filesystem::path path;
  std::optional<Error> error;  ///< known before decoding: no such file, folder without pictures, pattern without a match
};

/// Files stay as they are named; folders give the pictures below them by name, hidden files and other kinds left out;
/// words with * ? [ ] that are no file are patterns. Sorted within each word, each file once.
std::vector<Input> collect_inputs(const std::vector<std::string>& words);

struct Decoded {
  std::filesystem::path path;
  vision::Image image;
  std::optional<Error> error;
  double decode_ms = 0;
};

/// Calls `use` for each input in order; up to `ahead` further pictures are decoded meanwhile on other threads.
void for_each_picture(const std::vector<Input>& inputs, int ahead, const std::function<void(Decoded&)>& use);

}  // namespace mien::pipeline
