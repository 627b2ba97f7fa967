// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/onnx_file.h"

#include <fmt/core.h>

#include <limits>
#include <string_view>

#include "mien/base/error.h"
#include "mien/base/hash.h"
#include "mien/base/text.h"

namespace mien::onnx {
namespace {

// Field numbers of onnx.proto.
enum ModelField : std::uint32_t { kVersion = 1, kGraph = 7, kMetadata = 14 };
enum GraphField : std::uint32_t { kInitializer = 5 };
enum TensorField : std::uint32_t { kDims = 1, kName = 8, kRawData = 9, kExternalData = 13 };
enum EntryField : std::uint32_t { kKey = 1, kValue = 2 };

struct Malformed {};
/// Weights in a separate file: never written by mien.
struct External {
  std::string file;
};

/// One message of the wire format, field by field.
class Message {
 public:
  explicit Message(std::string_view bytes) : rest_(bytes) {}

  /// Moves to the next field; false at the end. Throws Malformed.
  bool next() {
    if (rest_.empty()) return false;
    const std::string_view begin = rest_;
    const std::uint64_t key = read_varint();
    field_ = static_cast<std::uint32_t>(key >> 3);
    if (field_ == 0 || key >> 3 > 0x1FFFFFFF) throw Malformed{};
    number_ = 0;
    bytes_ = {};
    is_bytes_ = (key & 7) == 2;
    switch (key & 7) {
      case 0:
        number_ = read_varint();
        break;
      case 1:
        take(8);
        break;
      case 2:
        bytes_ = take(read_varint());
        break;
      case 5:
        take(4);
        break;
      default:
        throw Malformed{};
    }
    raw_ = begin.substr(0, begin.size() - rest_.size());
    return true;
  }
  std::string_view rest() const { return rest_; }  ///< what follows the field
  std::uint32_t field() const { return field_; }
  std::uint64_t number() const { return number_; }
  std::string_view bytes() const { return bytes_; }
  bool is_bytes() const { return is_bytes_; }
  std::string_view raw() const { return raw_; }       ///< the whole field, with its key
  std::uint64_t missing() const { return missing_; }  ///< bytes that the last field needs beyond the end

 private:
  std::uint64_t read_varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (!(byte & 0x80)) return value;
    }
    throw Malformed{};
  }
  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      missing_ = count - rest_.size();
      throw Malformed{};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_, bytes_, raw_;
  std::uint32_t field_ = 0;
  std::uint64_t number_ = 0, missing_ = 0;
  bool is_bytes_ = false;
};

/// Packed int64 values (proto3 writers pack, proto2 writers such as ONNX's own do not).
void append_packed(std::string_view packed, std::vector<std::uint64_t>& out) {
  std::uint64_t value = 0;
  int shift = 0;
  for (const char c : packed) {
    if (shift > 63) throw Malformed{};
    value |= static_cast<std::uint64_t>(c & 0x7F) << shift;
    shift += 7;
    if (!(c & 0x80)) {
      out.push_back(value);
      value = 0;
      shift = 0;
    }
  }
  if (shift) throw Malformed{};
}

std::pair<std::string, std::string> read_entry(std::string_view bytes) {
  std::pair<std::string, std::string> entry;
  for (Message m(bytes); m.next();) {
    if (m.field() == kKey) entry.first = m.bytes();
    if (m.field() == kValue) entry.second = m.bytes();
  }
  return entry;
}

void read_tensor(std::string_view bytes, ContentHasher& hasher, OnnxFile& file) {
  std::string_view name, raw;
  std::vector<std::uint64_t> dims;
  for (Message m(bytes); m.next();) {
    if (m.field() == kName) name = m.bytes();
    if (m.field() == kRawData) raw = m.bytes();
    if (m.field() == kDims && m.is_bytes()) append_packed(m.bytes(), dims);
    if (m.field() == kDims && !m.is_bytes()) dims.push_back(m.number());
    if (m.field() == kExternalData) {
      const auto [key, value] = read_entry(m.bytes());
      if (key == "location") throw External{value};
    }
  }
  std::vector<std::string> sizes;
  std::uint64_t count = 1;
  for (const std::uint64_t d : dims) {
    if (d > std::numeric_limits<std::uint32_t>::max() || (d && count > std::numeric_limits<std::int64_t>::max() / d))
      throw Malformed{};
    count *= d;
    sizes.push_back(std::to_string(d));
  }
  hasher.update(name);
  hasher.update("\n");
  hasher.update(join(sizes, "x") + "\n");
  hasher.update(raw);
  file.num_weights += static_cast<std::int64_t>(count);
}

void read_graph(std::string_view bytes, OnnxFile& file) {
  ContentHasher hasher;
  for (Message m(bytes); m.next();)
    if (m.field() == kInitializer) read_tensor(m.bytes(), hasher, file);
  file.weights_hash = hasher.hex();
}

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value > 0x7F; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}

std::string bytes_field(std::uint32_t field, std::string_view bytes) {
  return varint(field << 3 | 2) + varint(bytes.size()) + std::string(bytes);
}

}  // namespace

std::optional<std::string> OnnxFile::find(const std::string& key) const {
  for (const auto& [name, value] : metadata)
    if (name == key) return value;
  return std::nullopt;
}

OnnxFile read_onnx(std::span<const std::byte> bytes, const std::string& origin) {
  OnnxFile file;
  bool has_graph = false, has_version = false;
  ContentHasher hasher;
  Message m({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  try {
    while (m.next()) {
      if (m.field() == kVersion && !m.is_bytes()) has_version = true;
      if (m.field() != kMetadata) hasher.update(m.raw());
      if (m.field() == kMetadata) file.metadata.push_back(read_entry(m.bytes()));
      if (m.field() != kGraph) continue;
      if (has_graph) throw Malformed{};
      has_graph = true;
      read_graph(m.bytes(), file);
    }
  } catch (const External& external) {
    fail_input(fmt::format("{}: the weights of this model are in another file, {}; a model must be one file.", origin,
                           quote(external.file.substr(0, 200))),
               "Give the file that 'mien export' wrote, or export the run again: mien export RUN -o model.onnx.");
  } catch (const Malformed&) {
    const bool is_part = !has_version && (origin.ends_with(".data") || origin.ends_with("_data"));
    check_input(!is_part, origin + ": not a model, but the weights of a model in another file.",
                "Give the file that 'mien export' wrote; it contains model and weights.");
    if (has_version && m.missing() > 0)
      fail_input(fmt::format("{}: the ONNX model is truncated: {} bytes found, at least {} expected.", origin,
                             bytes.size(), bytes.size() + m.missing()),
                 "Copy or download it again.");
    fail_input(
        fmt::format("{}: {}", origin, has_version ? "the ONNX model is truncated or damaged." : "not an ONNX model."),
        has_version ? "Copy or download it again." : "Give a model written by 'mien export'.");
  }
  check_input(has_graph && has_version, fmt::format("{}: not an ONNX model.", origin),
              "Give a model written by 'mien export'.");
  file.model_hash = hasher.hex();
  return file;
}

std::string with_metadata(std::span<const std::byte> bytes, const std::string& key, const std::string& value,
                          const std::string& origin) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::string out;
  out.reserve(all.size() + value.size());
  try {
    std::size_t begin = 0;
    for (Message m(all); m.next();) {
      const std::size_t end = all.size() - m.rest().size();
      if (m.field() != kMetadata || read_entry(m.bytes()).first != key) out += all.substr(begin, end - begin);
      begin = end;
    }
  } catch (const Malformed&) {
    fail_input(fmt::format("{}: the ONNX model is truncated or damaged.", origin), "Copy or download it again.");
  }
  return out + bytes_field(kMetadata, bytes_field(kKey, key) + bytes_field(kValue, value));
}

}  // namespace mien::onnx
