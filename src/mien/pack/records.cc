// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/records.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "mien/base/error.h"

namespace mien::pack {
namespace {

/// Bits of the set of fields that a record of version 2 has; the fields follow in this order.
enum FieldBit : std::uint16_t {
  kHasSequence = 1,
  kHasLandmarks = 2,
  kHasYaw = 4,
  kHasPitch = 8,
  kHasBoxes = 16,
  kHasOriginal = 32,
  kAllFields = 63
};

constexpr std::size_t kBoxBytes = 4 * sizeof(float) + 1;

template <typename T>
void put(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_text(std::string& out, const std::string& s) {
  put(out, static_cast<std::uint32_t>(s.size()));
  out += s;
}

void put_angle(std::string& out, const Angle& angle) {
  put(out, static_cast<std::uint8_t>(angle.origin));
  put(out, angle.degrees);
}

std::uint16_t fields_of(const Sample& s) {
  unsigned fields = 0;
  if (!s.sequence.empty()) fields |= kHasSequence;
  if (!s.landmarks.empty()) fields |= kHasLandmarks;
  if (s.yaw) fields |= kHasYaw;
  if (s.pitch) fields |= kHasPitch;
  if (s.boxes) fields |= kHasBoxes;
  if (s.original) fields |= kHasOriginal;
  return static_cast<std::uint16_t>(fields);
}

void put_fields(std::string& out, const Sample& s) {
  put(out, fields_of(s));
  if (!s.sequence.empty()) put_text(out, s.sequence);
  if (!s.landmarks.empty()) {
    put(out, static_cast<std::uint8_t>(s.landmark_origin));
    for (const face::Point& p : s.landmarks) put(out, p);
  }
  if (s.yaw) put_angle(out, *s.yaw);
  if (s.pitch) put_angle(out, *s.pitch);
  if (s.boxes) {
    put(out, static_cast<std::uint32_t>(s.boxes->size()));
    for (const auto& [box, label] : *s.boxes) {
      put(out, box);
      put(out, static_cast<std::int8_t>(label));
    }
  }
  if (s.original) {
    put(out, static_cast<std::uint32_t>(s.original->width));
    put(out, static_cast<std::uint32_t>(s.original->height));
  }
}

bool is_within(const std::optional<Angle>& angle, float limit) {
  return !angle || (angle->degrees >= -limit && angle->degrees <= limit);
}

bool is_finite(const face::Point& p) { return std::isfinite(p.x) && std::isfinite(p.y); }

}  // namespace

bool fits_version_1(const Sample& sample) { return fields_of(sample) == 0; }

std::string encode(const Sample& s, std::uint32_t version) {
  std::string out;
  put(out, static_cast<std::uint8_t>(s.split));
  put(out, static_cast<std::int8_t>(s.label));
  put(out, static_cast<std::uint8_t>(s.has_votes));
  put(out, s.votes);
  put(out, s.distribution);
  put_text(out, s.source);
  put_text(out, s.subject);
  if (version >= 2) put_fields(out, s);
  return out;
}

std::string fault_of(const Sample& s, const PackInfo& info) {
  if (s.label < -1 || s.label >= static_cast<int>(info.classes.size()))
    return fmt::format("label {} is outside the classes", s.label);
  if (!s.landmarks.empty() && s.landmarks.size() != face::kNumPoints68)
    return fmt::format("{} landmarks, expected {}", s.landmarks.size(), face::kNumPoints68);
  if (!std::all_of(s.landmarks.begin(), s.landmarks.end(), is_finite)) return "a landmark is not finite";
  if (!is_within(s.yaw, 180)) return fmt::format("yaw {:g} is outside -180..180 degrees", s.yaw->degrees);
  if (!is_within(s.pitch, 90)) return fmt::format("pitch {:g} is outside -90..90 degrees", s.pitch->degrees);
  if (s.original && (s.original->width < 1 || s.original->height < 1))
    return fmt::format("original picture size {}x{} is impossible", s.original->width, s.original->height);
  if (!s.boxes) return "";
  for (std::size_t i = 0; i < s.boxes->size(); ++i) {
    const auto defect = face::defect_of((*s.boxes)[i], static_cast<float>(info.width), static_cast<float>(info.height),
                                        info.classes.size());
    if (defect != face::BoxDefect::none) return fmt::format("box {} {}", i + 1, to_string(defect));
  }
  return "";
}

RecordReader::RecordReader(std::span<const std::byte> bytes, std::uint32_t version, std::string origin)
    : bytes_(bytes), version_(version), origin_(std::move(origin)) {}

Sample RecordReader::next() {
  Sample s;
  const auto split = take<std::uint8_t>();
  check_input(split <= static_cast<std::uint8_t>(Split::test), origin_ + ": the index contains an unknown split.",
              kPackRemedy);
  s.split = static_cast<Split>(split);
  s.label = take<std::int8_t>();
  s.has_votes = take<std::uint8_t>() != 0;
  s.votes = take<decltype(s.votes)>();
  s.distribution = take<decltype(s.distribution)>();
  s.source = take_text();
  s.subject = take_text();
  if (version_ >= 2) take_fields(s);
  return s;
}

void RecordReader::take_fields(Sample& s) {
  const auto fields = take<std::uint16_t>();
  check_input((fields & ~kAllFields) == 0, origin_ + ": the index contains an unknown field.", kPackRemedy);
  if (fields & kHasSequence) s.sequence = take_text();
  if (fields & kHasLandmarks) {
    s.landmark_origin = take_origin();
    s.landmarks.resize(face::kNumPoints68);
    for (face::Point& p : s.landmarks) p = take<face::Point>();
  }
  if (fields & kHasYaw) {
    const Origin origin = take_origin();
    s.yaw = Angle{take<float>(), origin};
  }
  if (fields & kHasPitch) {
    const Origin origin = take_origin();
    s.pitch = Angle{take<float>(), origin};
  }
  if (fields & kHasBoxes) {
    const auto count = take<std::uint32_t>();
    check_input(count <= bytes_.size() / kBoxBytes, origin_ + ": the index ends too early.", kPackRemedy);
    s.boxes.emplace(count);
    for (auto& [box, label] : *s.boxes) {
      box = take<face::Box>();
      label = take<std::int8_t>();
    }
  }
  if (fields & kHasOriginal) {
    const auto width = take<std::uint32_t>(), height = take<std::uint32_t>();
    check_input(width <= 1u << 30 && height <= 1u << 30, origin_ + ": the index contains an impossible picture size.",
                kPackRemedy);
    s.original = PictureSize{static_cast<int>(width), static_cast<int>(height)};
  }
}

template <typename T>
T RecordReader::take() {
  check_input(bytes_.size() >= sizeof(T), origin_ + ": the index ends too early.", kPackRemedy);
  T value;
  std::memcpy(&value, bytes_.data(), sizeof value);
  bytes_ = bytes_.subspan(sizeof value);
  return value;
}

std::string RecordReader::take_text() {
  const auto size = take<std::uint32_t>();
  check_input(size <= bytes_.size(), origin_ + ": the index ends too early.", kPackRemedy);
  std::string s(reinterpret_cast<const char*>(bytes_.data()), size);
  bytes_ = bytes_.subspan(size);
  return s;
}

Origin RecordReader::take_origin() {
  const auto origin = take<std::uint8_t>();
  check_input(origin <= static_cast<std::uint8_t>(Origin::estimate),
              origin_ + ": the index contains an unknown origin.", kPackRemedy);
  return static_cast<Origin>(origin);
}

}  // namespace mien::pack
