// SPDX-License-Identifier: Apache-2.0
// pictures ROUNDS FILE…: milliseconds to decode each file, by mien and by OpenCV's imgcodecs, in alternation on one
// thread; the least of ROUNDS.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "mien/base/elapsed.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/image/image.h"

namespace {

template <typename F>
double milliseconds_of(const F& decode) {
  const auto start = std::chrono::steady_clock::now();
  decode();
  return mien::ms_since(start);
}

void compare(const std::string& path, int rounds) {
  const std::string bytes = mien::read_file(path);
  const cv::Mat raw(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
  double ours = std::numeric_limits<double>::infinity(), theirs = ours;
  for (int round = 0; round < rounds; ++round) {
    ours = std::min(ours, milliseconds_of([&] { mien::image::decode_image(bytes, path); }));
    theirs = std::min(theirs, milliseconds_of([&] { cv::imdecode(raw, cv::IMREAD_COLOR); }));
  }
  fmt::print("{}: mien {:.2f} ms, OpenCV {:.2f} ms, ratio {:.2f}\n", path, ours, theirs, ours / theirs);
}

}  // namespace

int main(int argc, char** argv) {
  cv::setNumThreads(1);
  if (argc < 3) {
    fmt::print(stderr, "pictures ROUNDS FILE…\n");
    return 2;
  }
  try {
    for (int i = 2; i < argc; ++i) compare(argv[i], std::atoi(argv[1]));
  } catch (const mien::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
