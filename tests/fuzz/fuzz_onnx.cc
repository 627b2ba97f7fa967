// SPDX-License-Identifier: Apache-2.0
// The wire reader: metadata and weights hash of a model file.
#include <cstdint>
#include <span>

#include "mien/base/error.h"
#include "mien/face/card.h"
#include "mien/onnx/onnx_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto file = mien::onnx::read_onnx(std::as_bytes(std::span(data, size)), "fuzz.onnx");
    if (const auto card = file.find(mien::face::kCardKey))
      mien::face::card_from_json(mien::parse_json(*card, "fuzz.onnx"), "fuzz.onnx");
  } catch (const mien::Error&) {
  }
  return 0;
}
