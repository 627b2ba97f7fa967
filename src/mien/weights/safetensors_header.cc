// SPDX-License-Identifier: Apache-2.0
#include "mien/weights/safetensors_header.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/json.h"
#include "mien/base/text.h"
#include "mien/weights/bytes.h"
#include "mien/weights/torch_file.h"

namespace mien::weights {
namespace {

constexpr const char* kRemedy = "The file is truncated or damaged. Copy it again, or use an older checkpoint.";
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the format's own limit

struct Place {
  std::uint64_t begin, end;
};

Place place_of(const Json& entry, const std::string& where) {
  const auto offsets = json_at<std::vector<std::uint64_t>>(entry, "data_offsets", where);
  check_input(offsets.size() == 2 && offsets[0] <= offsets[1], where + " has impossible offsets.", kRemedy);
  return {offsets[0], offsets[1]};
}

TensorView view_of(const Json& entry, const Place& place, std::span<const std::byte> data, const std::string& where) {
  const auto name = json_at<std::string>(entry, "dtype", where);
  const auto dtype = dtype_from_safetensors(name);
  check_input(dtype.has_value(), fmt::format("{}: element type {} is not supported.", where, quote(name)));
  TensorView view{*dtype,
                  json_at<std::vector<std::int64_t>>(entry, "shape", where),
                  {},
                  0,
                  data.subspan(place.begin, place.end - place.begin)};
  const std::uint64_t elements = view.storage.size() / element_size(*dtype);
  check_input(view.shape.size() <= kMaxRank,
              fmt::format("{} has {} dimensions; the limit is {}.", where, view.shape.size(), kMaxRank), kRemedy);
  std::uint64_t count = 1;
  for (const std::int64_t size : view.shape) {
    check_input(size >= 0 && (size == 0 || count <= elements / static_cast<std::uint64_t>(size)),
                where + " has a shape that does not match its number of bytes.", kRemedy);
    count *= static_cast<std::uint64_t>(size);
  }
  check_input(count * element_size(*dtype) == view.storage.size(),
              where + " has a shape that does not match its number of bytes.", kRemedy);
  view.strides = row_major(view.shape);
  return view;
}

}  // namespace

SafetensorsIndex read_safetensors_index(std::span<const std::byte> bytes, const std::string& origin) {
  if (looks_like_torch(bytes))
    fail_input(origin + ": a PyTorch file, expected a safetensors file.", "Convert it with 'mien import'.");
  const auto header_size = number_at<std::uint64_t>(bytes, 0);
  check_input(
      header_size && *header_size <= kLongestHeader && (bytes.size() == 8 || static_cast<char>(bytes[8]) == '{'),
      fmt::format("{}: not a safetensors file ({} bytes).", origin, bytes.size()), kRemedy);
  check_input(*header_size <= bytes.size() - 8,
              fmt::format("{}: the file is truncated: {} bytes found, its header alone needs {}.", origin, bytes.size(),
                          *header_size + 8),
              kRemedy);
  const Json header = parse_json(as_text(bytes.subspan(8, *header_size)), origin);
  check_input(header.is_object(), origin + ": not a safetensors file.", kRemedy);
  const auto data = bytes.subspan(8 + *header_size);
  std::uint64_t wanted = 0, total = 0;
  std::vector<Place> places;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    places.push_back(place_of(entry, origin + ": tensor " + quote(name)));
    wanted = std::max(wanted, places.back().end);
  }
  check_input(wanted <= data.size(),
              fmt::format("{}: the file is truncated: {} bytes found, {} expected.", origin, bytes.size(),
                          wanted + (bytes.size() - data.size())),
              kRemedy);
  SafetensorsIndex out;
  std::size_t next = 0;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      check_input(entry.is_object(), origin + ": its metadata is not an object.", kRemedy);
      for (const auto& [key, value] : entry.items())
        out.metadata[key] = value.is_string() ? value.get<std::string>() : compact(value);
      continue;
    }
    const Place place = places[next++];
    total += place.end - place.begin;
    check_input(total <= data.size(), origin + ": its tensors overlap.", kRemedy);
    out.tensors.push_back({name, view_of(entry, place, data, origin + ": tensor " + quote(name))});
  }
  return out;
}

}  // namespace mien::weights
