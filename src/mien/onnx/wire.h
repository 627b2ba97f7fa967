// SPDX-License-Identifier: Apache-2.0
// The part of the protobuf wire encoding that is needed to write ONNX (protobuf.dev, "Encoding").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mien::onnx {

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

}  // namespace mien::onnx
