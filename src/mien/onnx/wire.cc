// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/wire.h"

namespace mien::onnx {
namespace {
enum WireType : std::uint32_t { kVarint = 0, kLength = 2, kFixed32 = 5 };
}

void WireWriter::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
  out_ += static_cast<char>(value);
}

void WireWriter::integer(std::uint32_t field, std::int64_t value) {
  varint(field << 3 | kVarint);
  varint(static_cast<std::uint64_t>(value));
}

void WireWriter::real(std::uint32_t field, float value) {
  varint(field << 3 | kFixed32);
  out_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void WireWriter::bytes(std::uint32_t field, std::string_view value) {
  varint(field << 3 | kLength);
  varint(value.size());
  out_ += value;
}

}  // namespace mien::onnx
