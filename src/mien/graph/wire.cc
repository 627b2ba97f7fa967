// SPDX-License-Identifier: Apache-2.0
#include "mien/graph/wire.h"

#include <cstring>

#include "mien/base/error.h"

namespace mien::graph {
namespace {
enum WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };
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
  out_.append(reinterpret_cast<const char*>(&value), 4);
}

void WireWriter::bytes(std::uint32_t field, std::string_view value) {
  varint(field << 3 | kLength);
  varint(value.size());
  out_ += value;
}

std::string_view WireReader::take(std::size_t size) {
  check_input(size <= rest_.size(), "The ONNX message is cut.");
  const auto part = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return part;
}

std::uint64_t WireReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1)[0]);
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
  fail_input("The ONNX message holds a malformed number.");
}

std::optional<WireField> WireReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::uint64_t key = varint();
  WireField out{static_cast<std::uint32_t>(key >> 3), 0, {}};
  switch (key & 7) {
    case kVarint: out.number = varint(); break;
    case kFixed64: std::memcpy(&out.number, take(8).data(), 8); break;
    case kLength: out.content = take(varint()); break;
    case kFixed32: std::memcpy(&out.number, take(4).data(), 4); break;
    default: fail_input("The ONNX message holds an unknown wire type.");
  }
  return out;
}

}  // namespace mien::graph
