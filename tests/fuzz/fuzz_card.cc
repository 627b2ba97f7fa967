// SPDX-License-Identifier: Apache-2.0
// Cards: JSON of any shape. The hash is put right first, so that the fields behind it are read.
#include <cstdint>

#include "mien/base/error.h"
#include "mien/base/hash.h"
#include "mien/face/card.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mien;
  try {
    Json json = parse_json({reinterpret_cast<const char*>(data), size}, "fuzz");
    if (json.is_object()) {
      json.erase("card_hash");
      const std::string hash = content_hash(compact(json));
      json["card_hash"] = hash;
    }
    const face::ModelCard card = face::card_from_json(json, "fuzz");
    compact(face::to_json(card));
  } catch (const Error&) {
  }
  return 0;
}
