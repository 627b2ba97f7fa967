// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/pack.h"

#include <cstring>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/pack/layout.h"

namespace mien::pack {
namespace {

constexpr const char* kRemedy = "The file is cut, damaged or not a pack: make it again with 'mien data pack'.";

template <typename T>
void put(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_text(std::string& out, const std::string& s) {
  put(out, static_cast<std::uint32_t>(s.size()));
  out += s;
}

std::string encode(const Sample& s) {
  std::string out;
  put(out, static_cast<std::uint8_t>(s.split));
  put(out, static_cast<std::int8_t>(s.label));
  put(out, static_cast<std::uint8_t>(s.has_votes));
  put(out, s.votes);
  put(out, s.distribution);
  put_text(out, s.source);
  put_text(out, s.subject);
  return out;
}

/// Reads values from the index; every step is checked against the bytes that are there.
class IndexReader {
 public:
  IndexReader(std::span<const std::byte> bytes, const std::string& origin) : bytes_(bytes), origin_(origin) {}

  Sample next() {
    Sample s;
    const auto split = take<std::uint8_t>();
    check_input(split <= static_cast<std::uint8_t>(Split::test), origin_ + ": index holds an unknown split.", kRemedy);
    s.split = static_cast<Split>(split);
    s.label = take<std::int8_t>();
    s.has_votes = take<std::uint8_t>() != 0;
    s.votes = take<decltype(s.votes)>();
    s.distribution = take<decltype(s.distribution)>();
    s.source = take_text();
    s.subject = take_text();
    return s;
  }
  bool at_end() const { return bytes_.empty(); }

 private:
  template <typename T>
  T take() {
    check_input(bytes_.size() >= sizeof(T), origin_ + ": index ends too early.", kRemedy);
    T value;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_ = bytes_.subspan(sizeof value);
    return value;
  }
  std::string take_text() {
    const auto size = take<std::uint32_t>();
    check_input(size <= bytes_.size(), origin_ + ": index ends too early.", kRemedy);
    std::string s(reinterpret_cast<const char*>(bytes_.data()), size);
    bytes_ = bytes_.subspan(size);
    return s;
  }

  std::span<const std::byte> bytes_;
  std::string origin_;
};

Json to_json(const PackInfo& info) {
  return {{"classes", info.classes},
          {"data_set", info.data_set},
          {"label_rule", info.label_rule},
          {"licence", info.licence},
          {"pictures_may_be_shown", info.pictures_may_be_shown},
          {"provenance", info.provenance}};
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
  return info;
}

/// The head, once all sizes in it fit the file.
Head checked_head(std::span<const std::byte> file, const std::string& origin) {
  Head head;
  check_input(file.size() >= sizeof head, text(origin, ": not a pack (", file.size(), " bytes)."), kRemedy);
  std::memcpy(&head, file.data(), sizeof head);
  check_input(std::memcmp(head.magic, kMagic, sizeof kMagic) == 0, origin + ": not a pack.",
              "Make one with 'mien data pack'.");
  check_input(head.version == kVersion,
              text(origin, ": pack version ", head.version, ", this mien reads ", kVersion, "."),
              "Pack the data set again.");
  const bool size_ok = head.width >= 1 && head.width <= 4096 && head.height >= 1 && head.height <= 4096 &&
                       (head.channels == 1 || head.channels == 3);
  check_input(size_ok, origin + ": impossible picture size in the head.", kRemedy);
  const std::uint64_t picture = std::uint64_t{head.width} * head.height * head.channels;
  const std::uint64_t rest = file.size() - sizeof head;
  const bool fits = head.count <= rest / picture && head.index_offset == sizeof head + head.count * picture &&
                    head.index_bytes <= rest && head.header_offset == head.index_offset + head.index_bytes &&
                    head.header_bytes <= rest && head.header_offset + head.header_bytes == file.size();
  check_input(
      fits, text(origin, ": ", file.size(), " bytes, its head promises ", head.header_offset + head.header_bytes, "."),
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

PackWriter::PackWriter(const std::filesystem::path& path, PackInfo info) : info_(std::move(info)), file_(path) {
  check_input(info_.classes.size() >= 2 && info_.classes.size() <= face::kNumExpressions,
              "A pack needs two to eight classes.");
  const Head empty{};
  file_.write(std::string_view(reinterpret_cast<const char*>(&empty), sizeof empty));
}

void PackWriter::add(const Sample& sample, std::span<const std::uint8_t> pixels) {
  const auto expected = static_cast<std::size_t>(info_.width) * static_cast<std::size_t>(info_.height) *
                        static_cast<std::size_t>(info_.channels);
  check_input(pixels.size() == expected,
              text(sample.source, ": ", pixels.size(), " bytes of pixels, the pack holds ", expected, " per picture."));
  check_input(sample.label >= -1 && sample.label < static_cast<int>(info_.classes.size()),
              text(sample.source, ": label ", sample.label, " is outside the classes."));
  file_.write(std::as_bytes(pixels));
  hasher_.update(std::as_bytes(pixels));
  index_ += encode(sample);
  ++count_;
}

std::string PackWriter::commit() {
  Head head{};
  std::memcpy(head.magic, kMagic, sizeof kMagic);
  head.version = kVersion;
  head.width = static_cast<std::uint32_t>(info_.width);
  head.height = static_cast<std::uint32_t>(info_.height);
  head.channels = static_cast<std::uint32_t>(info_.channels);
  head.count = count_;
  const std::string header = compact(to_json(info_));
  head.index_offset = file_.size();
  head.index_bytes = index_.size();
  head.header_offset = head.index_offset + index_.size();
  head.header_bytes = header.size();
  file_.write(index_);
  file_.write(header);
  hasher_.update(index_);
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
  check_input(content_hash(bytes.subspan(sizeof head)) == hash_, origin + ": content does not fit its hash.", kRemedy);
  const char* text_begin = reinterpret_cast<const char*>(bytes.data());
  info_ = info_from(parse_json({text_begin + head.header_offset, head.header_bytes}, origin), head, origin);
  const auto num_classes = static_cast<int>(info_.classes.size());
  check_input(num_classes >= 2 && info_.classes.size() <= face::kNumExpressions,
              origin + ": impossible number of classes.", kRemedy);
  IndexReader reader(bytes.subspan(head.index_offset, head.index_bytes), origin);
  samples_.reserve(head.count);
  for (std::uint64_t i = 0; i < head.count; ++i) {
    samples_.push_back(reader.next());
    check_input(samples_.back().label >= -1 && samples_.back().label < num_classes,
                origin + ": a label lies outside the classes.", kRemedy);
  }
  check_input(reader.at_end(), origin + ": index is longer than its pictures.", kRemedy);
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

}  // namespace mien::pack
