// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/pack.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "mien/base/error.h"
#include "mien/base/pack_magic.h"
#include "mien/base/text.h"
#include "mien/pack/layout.h"
#include "mien/pack/records.h"

namespace mien::pack {
namespace {

constexpr const char* kRemedy = kPackRemedy;

constexpr std::string_view kLetterbox = "letterbox", kDetected = "detected";

Json to_json(const PackInfo& info) {
  Json json = {{"classes", info.classes},
               {"data_set", info.data_set},
               {"label_rule", info.label_rule},
               {"licence", info.licence},
               {"pictures_may_be_shown", info.pictures_may_be_shown},
               {"provenance", info.provenance}};
  if (info.placement == Placement::letterbox) json["placement"] = kLetterbox;
  if (info.box_origin == Origin::estimate) json["box_origin"] = kDetected;
  return json;
}

PackInfo info_from(const Json& json, const Head& head, const std::string& origin) {
  PackInfo info;
  info.width = static_cast<int>(head.width);
  info.height = static_cast<int>(head.height);
  info.channels = static_cast<int>(head.channels);
  info.classes = json_at<std::vector<std::string>>(json, "classes", origin);
  info.data_set = json_at<std::string>(json, "data_set", origin);
  info.label_rule = json_at<std::string>(json, "label_rule", origin);
  info.licence = json_at<std::string>(json, "licence", origin);
  info.pictures_may_be_shown = json_at<bool>(json, "pictures_may_be_shown", origin);
  info.provenance = json_at<Json>(json, "provenance", origin);
  if (json.contains("placement")) {
    const auto placement = json_at<std::string>(json, "placement", origin);
    check_input(placement == kLetterbox, fmt::format("{}: unknown placement {}.", origin, quote(placement)), kRemedy);
    info.placement = Placement::letterbox;
  }
  if (json.contains("box_origin")) {
    const auto boxes = json_at<std::string>(json, "box_origin", origin);
    check_input(boxes == kDetected, fmt::format("{}: unknown origin of boxes {}.", origin, quote(boxes)), kRemedy);
    info.box_origin = Origin::estimate;
  }
  return info;
}

/// The head, after checking that all sizes in it fit the file.
Head checked_head(std::span<const std::byte> file, const std::string& origin) {
  Head head;
  check_input(file.size() >= sizeof head, fmt::format("{}: not a pack ({} bytes).", origin, file.size()), kRemedy);
  std::memcpy(&head, file.data(), sizeof head);
  check_input(std::string_view(head.magic, sizeof head.magic) == kPackMagic, origin + ": not a pack.",
              "Create one with 'mien data pack'.");
  check_input(
      head.version >= 1 && head.version <= kVersion,
      fmt::format("{}: pack version {}; this version of mien reads versions 1 to {}.", origin, head.version, kVersion),
      "Pack the data set again, or use the version of mien that wrote the pack.");
  const bool size_ok = head.width >= 1 && head.width <= 4096 && head.height >= 1 && head.height <= 4096 &&
                       (head.channels == 1 || head.channels == 3);
  check_input(size_ok, origin + ": impossible picture size in the header.", kRemedy);
  const std::uint64_t picture = std::uint64_t{head.width} * head.height * head.channels;
  const std::uint64_t rest = file.size() - sizeof head;
  const bool fits = head.count <= rest / picture && head.index_offset == sizeof head + head.count * picture &&
                    head.index_bytes <= rest && head.header_offset == head.index_offset + head.index_bytes &&
                    head.header_bytes <= rest && head.header_offset + head.header_bytes == file.size();
  check_input(
      fits,
      fmt::format("{}: {} bytes; its header states {}.", origin, file.size(), head.header_offset + head.header_bytes),
      kRemedy);
  return head;
}

}  // namespace

std::string_view to_string(Split split) {
  switch (split) {
    case Split::train:
      return "train";
    case Split::valid:
      return "valid";
    case Split::test:
      return "test";
  }
  return "train";
}

std::optional<Split> split_from(std::string_view name) {
  const std::string folded = lower(trim(name));
  if (folded == "train" || folded == "training") return Split::train;
  if (folded == "valid" || folded == "val" || folded == "validation") return Split::valid;
  if (folded == "test" || folded == "testing") return Split::test;
  return std::nullopt;
}

std::string_view to_string(Field field) {
  switch (field) {
    case Field::landmarks:
      return "landmarks";
    case Field::pose:
      return "pose";
    case Field::boxes:
      return "boxes";
  }
  return "landmarks";
}

bool has(const Sample& sample, Field field) {
  switch (field) {
    case Field::landmarks:
      return !sample.landmarks.empty();
    case Field::pose:
      return sample.yaw || sample.pitch;
    case Field::boxes:
      return sample.boxes.has_value();
  }
  return false;
}

PackWriter::PackWriter(const std::filesystem::path& path, PackInfo info) : info_(std::move(info)), file_(path) {
  check_input(info_.classes.size() >= 2 && info_.classes.size() <= face::kNumExpressions,
              "A pack needs two to eight classes.");
  const Head empty{};
  file_.write(std::string_view(reinterpret_cast<const char*>(&empty), sizeof empty));
}

void PackWriter::add(const Sample& sample, std::span<const std::uint8_t> pixels) {
  const auto expected = static_cast<std::size_t>(info_.width) * static_cast<std::size_t>(info_.height) *
                        static_cast<std::size_t>(info_.channels);
  check_input(pixels.size() == expected, fmt::format("{}: {} bytes of pixels; the pack has {} per picture.",
                                                     sample.source, pixels.size(), expected));
  const std::string fault = fault_of(sample, info_);
  check_input(fault.empty(), fmt::format("{}: {}.", sample.source, fault));
  file_.write(std::as_bytes(pixels));
  hasher_.update(std::as_bytes(pixels));
  samples_.push_back(sample);
}

std::string PackWriter::commit() {
  Head head{};
  std::copy(kPackMagic.begin(), kPackMagic.end(), head.magic);
  const bool is_version_1 =
      info_.placement == Placement::crop &&
      std::all_of(samples_.begin(), samples_.end(), [](const Sample& s) { return fits_version_1(s); });
  head.version = is_version_1 ? 1 : kVersion;
  head.width = static_cast<std::uint32_t>(info_.width);
  head.height = static_cast<std::uint32_t>(info_.height);
  head.channels = static_cast<std::uint32_t>(info_.channels);
  head.count = samples_.size();
  std::string index;
  for (const Sample& s : samples_) index += encode(s, head.version);
  const std::string header = compact(to_json(info_));
  head.index_offset = file_.size();
  head.index_bytes = index.size();
  head.header_offset = head.index_offset + index.size();
  head.header_bytes = header.size();
  file_.write(index);
  file_.write(header);
  hasher_.update(index);
  hasher_.update(header);
  const std::string hash = hasher_.hex();
  std::memcpy(head.hash, hash.data(), sizeof head.hash);
  file_.write_at(0, std::string_view(reinterpret_cast<const char*>(&head), sizeof head));
  file_.commit();
  return hash;
}

Pack::Pack(const std::filesystem::path& path) : path_(path), file_(path) {
  const auto bytes = file_.bytes();
  const std::string origin = path.string();
  const Head head = checked_head(bytes, origin);
  hash_.assign(head.hash, sizeof head.hash);
  check_input(content_hash(bytes.subspan(sizeof head)) == hash_, origin + ": the content does not match its hash.",
              kRemedy);
  const char* text_begin = reinterpret_cast<const char*>(bytes.data());
  info_ = info_from(parse_json({text_begin + head.header_offset, head.header_bytes}, origin), head, origin);
  check_input(info_.classes.size() >= 2 && info_.classes.size() <= face::kNumExpressions,
              origin + ": impossible number of classes.", kRemedy);
  RecordReader reader(bytes.subspan(head.index_offset, head.index_bytes), head.version, origin);
  samples_.reserve(head.count);
  for (std::uint64_t i = 0; i < head.count; ++i) {
    samples_.push_back(reader.next());
    const std::string fault = fault_of(samples_.back(), info_);
    check_input(fault.empty(), fmt::format("{}: picture {}: {}.", origin, i, fault), kRemedy);
  }
  check_input(reader.at_end(), origin + ": the index is longer than its pictures.", kRemedy);
  bytes_per_picture_ = std::size_t{head.width} * head.height * head.channels;
  pixels_ = {reinterpret_cast<const std::uint8_t*>(bytes.data()) + sizeof head, head.count * bytes_per_picture_};
}

std::span<const std::uint8_t> Pack::pixels(std::size_t i) const {
  return pixels_.subspan(i * bytes_per_picture_, bytes_per_picture_);
}

std::vector<std::uint32_t> Pack::indices(Split split) const {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < samples_.size(); ++i)
    if (samples_[i].split == split) out.push_back(static_cast<std::uint32_t>(i));
  return out;
}

std::size_t Pack::count(Split split, Field field) const {
  return static_cast<std::size_t>(std::count_if(samples_.begin(), samples_.end(),
                                                [&](const Sample& s) { return s.split == split && has(s, field); }));
}

}  // namespace mien::pack
