// SPDX-License-Identifier: Apache-2.0
// The protobuf wire encoding, as far as writing and walking ONNX needs it (protobuf.dev, "Encoding").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mien::graph {

/// Appends fields to a message.
class WireWriter {
 public:
  void integer(std::uint32_t field, std::int64_t value);
  void real(std::uint32_t field, float value);
  void bytes(std::uint32_t field, std::string_view value);
  void message(std::uint32_t field, const WireWriter& value) { bytes(field, value.out_); }
  const std::string& str() const { return out_; }

 private:
  void varint(std::uint64_t value);
  std::string out_;
};

/// One field of a message; `content` is set for length-delimited fields, `number` for the others.
struct WireField {
  std::uint32_t field = 0;
  std::uint64_t number = 0;
  std::string_view content;
};

/// Walks a message without copying. Every length is checked against what is there.
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}
  /// The next field; nothing at the end. Throws bad_input on a malformed or cut message.
  std::optional<WireField> next();

 private:
  std::uint64_t varint();
  std::string_view take(std::size_t size);
  std::string_view rest_;
};

}  // namespace mien::graph
