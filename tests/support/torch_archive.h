// SPDX-License-Identifier: Apache-2.0
// Hand-written files in the format of torch.save: zip archives, and the parts of the pickle in them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mien/base/crc32.h"

namespace mien::testing {

template <typename T>
std::string le(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

struct Member {
  std::string name, content;
  std::uint16_t method = 0;
};

/// An ordinary zip archive: local headers, directory, end record.
inline std::string zip_of(const std::vector<Member>& members) {
  std::string out, directory;
  for (const auto& m : members) {
    const auto crc = crc32(std::as_bytes(std::span(m.content.data(), m.content.size())));
    const auto size = static_cast<std::uint32_t>(m.content.size());
    const std::string common = le<std::uint16_t>(m.method) + le<std::uint32_t>(0) + le(crc) + le(size) + le(size) +
                               le(static_cast<std::uint16_t>(m.name.size())) + le<std::uint16_t>(0);
    directory += "PK\x01\x02" + le<std::uint16_t>(20) + le<std::uint16_t>(20) + le<std::uint16_t>(0) + common +
                 std::string(10, '\0') + le(static_cast<std::uint32_t>(out.size())) + m.name;
    out += "PK\x03\x04" + le<std::uint16_t>(20) + le<std::uint16_t>(0) + common + m.name + m.content;
  }
  const auto begin = static_cast<std::uint32_t>(out.size());
  const auto count = static_cast<std::uint16_t>(members.size());
  return out + directory + "PK\x05\x06" + std::string(4, '\0') + le(count) + le(count) +
         le(static_cast<std::uint32_t>(directory.size())) + le(begin) + std::string(2, '\0');
}

inline std::string word(const std::string& s) {
  std::string out = "X";  // appended to: GCC 12 warns about "X" + le(…), a false alarm
  return out.append(le(static_cast<std::uint32_t>(s.size()))).append(s);
}
inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
/// A tensor of `storage` with `elements` elements, as written by torch.save.
inline std::string tensor(const std::string& storage, std::int32_t elements, const std::string& shape,
                          const std::string& strides, std::uint8_t offset = 0, const std::string& type = "FloatStorage",
                          const std::string& place = "cpu") {
  return global("torch._utils", "_rebuild_tensor_v2") + "((" + word("storage") + global("torch", type) + word(storage) +
         word(place) + "J" + le(elements) + "tQK" + le(offset) + shape + strides + "\x89" +
         global("collections", "OrderedDict") + ")RtR";
}

}  // namespace mien::testing
