// SPDX-License-Identifier: Apache-2.0
// Packs. The content hash is corrected first, so that the other fields are read.
#include <cstdint>
#include <cstdlib>

#include "fuzz/memory_file.h"
#include "mien/base/error.h"
#include "mien/base/hash.h"
#include "mien/pack/layout.h"
#include "mien/pack/pack.h"
#include "mien/pack/records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mien;
  static const fuzz::MemoryFile file;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (size >= sizeof(pack::Head) && size % 2 == 0)
    bytes.replace(offsetof(pack::Head, hash), sizeof(pack::Head::hash),
                  content_hash(std::string_view(bytes).substr(sizeof(pack::Head))));
  try {
    const pack::Pack pack(file.put(bytes));
    std::size_t sum = 0;
    for (std::size_t i = 0; i < pack.size(); ++i) {
      for (const auto p : pack.pixels(i)) sum += p;
      // Accepted packs can be written and read back.
      const std::string record = pack::encode(pack.sample(i), 2);
      pack::RecordReader reader(std::as_bytes(std::span(record)), 2, "fuzz");
      const pack::Sample again = reader.next();
      if (pack::encode(again, 2) != record || !reader.at_end() || !pack::fault_of(again, pack.info()).empty())
        std::abort();
    }
    for (const auto split : {pack::Split::train, pack::Split::valid, pack::Split::test}) {
      sum += pack.indices(split).size();
      for (const auto field : {pack::Field::landmarks, pack::Field::pose, pack::Field::boxes})
        if (pack.count(split, field) > pack.indices(split).size()) std::abort();
    }
    if (sum > 255 * size + pack.size()) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
