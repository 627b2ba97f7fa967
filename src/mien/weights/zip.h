// SPDX-License-Identifier: Apache-2.0
// Reads the stored (uncompressed) entries of a zip archive in memory, as PyTorch writes them (PKWARE APPNOTE 6.3:
// central directory, zip64). Nothing is copied, nothing unpacked: an entry is a part of the file's bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mien::weights {

struct ZipEntry {
  std::string_view name;
  std::uint16_t method = 0;  ///< 0 stored, 8 deflated
  std::uint32_t crc = 0;
  std::span<const std::byte> bytes;  ///< as in the archive
};

class ZipReader {
 public:
  /// Checks every offset and length against `archive`, which must outlive the reader. Throws bad_input if the
  /// archive is truncated (with bytes found and bytes expected), damaged, or if its entries overlap.
  ZipReader(std::span<const std::byte> archive, std::string origin);

  const std::vector<ZipEntry>& entries() const { return entries_; }
  bool has(std::string_view name) const { return index_.contains(name); }
  /// The content of a stored entry, its checksum verified. Throws bad_input if it does not exist, is compressed or
  /// damaged.
  std::span<const std::byte> read(std::string_view name) const;

 private:
  void read_directory(std::span<const std::byte> archive, std::uint64_t begin, std::uint64_t size, std::uint64_t count);

  std::string origin_;
  std::vector<ZipEntry> entries_;
  std::unordered_map<std::string_view, std::size_t> index_;
};

}  // namespace mien::weights
