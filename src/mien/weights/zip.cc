// SPDX-License-Identifier: Apache-2.0
#include "mien/weights/zip.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/crc32.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/weights/bytes.h"

namespace mien::weights {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                        kLocator64 = 0x07064b50;
constexpr std::size_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22, kLocator64Bytes = 20,
                      kLongestComment = 65535;
constexpr const char* kZipRemedy = "The file is damaged. Download or copy it again.";

/// Field of a record whose signature and size were checked before.
template <typename T>
std::uint64_t field(std::span<const std::byte> bytes, std::uint64_t at, const std::string& origin) {
  const auto value = number_at<T>(bytes, at);
  check_input(value.has_value(), fmt::format("{}: the zip archive's directory ends too early.", origin), kZipRemedy);
  return *value;
}

/// Offset of the end record; nothing if the archive has none (it is cut).
std::optional<std::uint64_t> find_end(std::span<const std::byte> archive) {
  if (archive.size() < kEndBytes) return std::nullopt;
  const std::uint64_t last = archive.size() - kEndBytes;
  for (std::uint64_t back = 0; back <= std::min<std::uint64_t>(last, kLongestComment); ++back)
    if (number_at<std::uint32_t>(archive, last - back) == kEnd) return last - back;
  return std::nullopt;
}

struct Sizes {
  std::uint64_t size, packed, offset;
};

/// Sizes that do not fit 32 bits are in the extra field with id 1, in this order, only those that are needed.
void take_zip64(std::span<const std::byte> extra, Sizes& s, const std::string& origin) {
  std::uint64_t at = 0;
  while (at + 4 <= extra.size()) {
    const auto id = field<std::uint16_t>(extra, at, origin), length = field<std::uint16_t>(extra, at + 2, origin);
    if (id == 1) {
      std::uint64_t next = at + 4;
      for (std::uint64_t* value : {&s.size, &s.packed, &s.offset}) {
        if (*value != 0xFFFFFFFFu) continue;
        *value = field<std::uint64_t>(extra, next, origin);
        next += 8;
      }
      return;
    }
    at += 4 + length;
  }
}

/// Start of an entry's content: after its local header, whose name and extra field have their own lengths.
std::uint64_t content_begin(std::span<const std::byte> archive, std::uint64_t local, const std::string& where) {
  check_input(local <= archive.size() && number_at<std::uint32_t>(archive, local) == kLocal,
              where + " has no local header.", kZipRemedy);
  return local + kLocalBytes + field<std::uint16_t>(archive, local + 26, where) +
         field<std::uint16_t>(archive, local + 28, where);
}

}  // namespace

ZipReader::ZipReader(std::span<const std::byte> archive, std::string origin) : origin_(std::move(origin)) {
  const auto end = find_end(archive);
  check_input(
      end.has_value(),
      fmt::format("{}: the zip archive is truncated: {} bytes found, its end is missing.", origin_, archive.size()),
      "Download or copy it again.");
  auto count = field<std::uint16_t>(archive, *end + 10, origin_),
       size = field<std::uint32_t>(archive, *end + 12, origin_),
       begin = field<std::uint32_t>(archive, *end + 16, origin_);
  if (*end >= kLocator64Bytes && number_at<std::uint32_t>(archive, *end - kLocator64Bytes) == kLocator64) {
    const auto end64 = field<std::uint64_t>(archive, *end - kLocator64Bytes + 8, origin_);
    check_input(number_at<std::uint32_t>(archive, end64) == kEnd64,
                origin_ + ": the zip archive's 64-bit end record is in the wrong place.", kZipRemedy);
    count = field<std::uint64_t>(archive, end64 + 32, origin_);
    size = field<std::uint64_t>(archive, end64 + 40, origin_);
    begin = field<std::uint64_t>(archive, end64 + 48, origin_);
  }
  read_directory(archive, begin, size, count);
}

void ZipReader::read_directory(std::span<const std::byte> archive, std::uint64_t begin, std::uint64_t size,
                               std::uint64_t count) {
  check_input(
      begin <= archive.size() && size <= archive.size() - begin && count <= size / kCentralBytes,
      fmt::format("{}: the zip archive's directory ({} entries, {} bytes at {}) does not match the file of {} bytes.",
                  origin_, count, size, begin, archive.size()),
      kZipRemedy);
  const auto directory = archive.subspan(begin, size);
  std::uint64_t at = 0, total = 0;
  entries_.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    check_input(number_at<std::uint32_t>(directory, at) == kCentral,
                fmt::format("{}: entry {} of the zip archive's directory is damaged.", origin_, i), kZipRemedy);
    const auto name_bytes = field<std::uint16_t>(directory, at + 28, origin_),
               extra_bytes = field<std::uint16_t>(directory, at + 30, origin_),
               comment_bytes = field<std::uint16_t>(directory, at + 32, origin_);
    const std::uint64_t next = at + kCentralBytes + name_bytes + extra_bytes + comment_bytes;
    check_input(next <= directory.size(),
                fmt::format("{}: entry {} of the zip archive's directory is damaged.", origin_, i), kZipRemedy);
    Sizes s{field<std::uint32_t>(directory, at + 24, origin_), field<std::uint32_t>(directory, at + 20, origin_),
            field<std::uint32_t>(directory, at + 42, origin_)};
    take_zip64(directory.subspan(at + kCentralBytes + name_bytes, extra_bytes), s, origin_);
    ZipEntry entry;
    entry.name = as_text(directory.subspan(at + kCentralBytes, name_bytes));
    entry.method = static_cast<std::uint16_t>(field<std::uint16_t>(directory, at + 10, origin_));
    entry.crc = static_cast<std::uint32_t>(field<std::uint32_t>(directory, at + 16, origin_));
    const std::string where = fmt::format("{}: entry {}", origin_, quote(entry.name.substr(0, 200)));
    const std::uint64_t content = content_begin(archive, s.offset, where);
    check_input(content <= archive.size() && s.packed <= archive.size() - content,
                fmt::format("{} needs {} bytes at {}, but the file has {}.", where, s.packed, content, archive.size()),
                kZipRemedy);
    total += s.packed;
    check_input(total <= archive.size(), origin_ + ": entries of the zip archive overlap.",
                "PyTorch does not write such files. Download it from a trusted source.");
    entry.bytes = archive.subspan(content, s.packed);
    check_input(index_.emplace(entry.name, entries_.size()).second, where + " occurs twice.",
                "PyTorch does not write such files. Download it from a trusted source.");
    entries_.push_back(entry);
    at = next;
  }
}

std::span<const std::byte> ZipReader::read(std::string_view name) const {
  const auto found = index_.find(name);
  check_input(found != index_.end(),
              fmt::format("{}: the archive has no entry {}.", origin_, quote(name.substr(0, 200))), kZipRemedy);
  const ZipEntry& entry = entries_[found->second];
  if (entry.method != 0)
    fail_input(
        fmt::format("{}: entry {} is compressed (zip method {}); PyTorch stores its entries without compression.",
                    origin_, quote(name.substr(0, 200)), entry.method),
        "Unpack the archive and create it again without compression (zip -0 -r), or save the weights again with "
        "torch.save.");
  // torch.serialization.set_crc32_options(False) writes zeros.
  check_input(entry.crc == 0 || crc32(entry.bytes) == entry.crc,
              fmt::format("{}: entry {} does not match its checksum.", origin_, quote(name.substr(0, 200))),
              kZipRemedy);
  return entry.bytes;
}

}  // namespace mien::weights
