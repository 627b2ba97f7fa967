// SPDX-License-Identifier: Apache-2.0
// The records of a pack's index, one per picture (docs/formats.md). Version 2 appends a set of optional fields
// to the record of version 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "mien/pack/pack.h"

namespace mien::pack {

inline constexpr const char* kPackRemedy =
    "The file is truncated, damaged or not a pack. Create it again with 'mien data pack'.";

/// Whether version 1 can store all fields of the sample.
bool fits_version_1(const Sample& sample);
/// `version`: 1 or 2.
std::string encode(const Sample& sample, std::uint32_t version);

/// The defect of a sample of this pack ("label 9 is outside the classes"); "" if there is none.
std::string fault_of(const Sample& sample, const PackInfo& info);

/// Reads the records one after the other; every step is checked against the available bytes. Throws bad_input that
/// names `origin`.
class RecordReader {
 public:
  RecordReader(std::span<const std::byte> bytes, std::uint32_t version, std::string origin);
  Sample next();
  bool at_end() const { return bytes_.empty(); }

 private:
  template <typename T>
  T take();
  std::string take_text();
  Origin take_origin();
  void take_fields(Sample& sample);

  std::span<const std::byte> bytes_;
  std::uint32_t version_;
  std::string origin_;
};

}  // namespace mien::pack
