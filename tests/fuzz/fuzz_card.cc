// SPDX-License-Identifier: Apache-2.0
// Cards: JSON of any shape. The hash is corrected first, so that the other fields are read.
#include <cstdint>
#include <cstdlib>

#include "mien/base/error.h"
#include "mien/base/hash.h"
#include "mien/face/card.h"

namespace {

/// Accepted cards can be written and read back.
void check_rewritten(const mien::face::ModelCard& card) {
  using namespace mien;
  const std::string written = compact(face::to_json(card));
  try {
    const face::ModelCard again = face::card_from_json(parse_json(written, "fuzz"), "fuzz");
    if (compact(face::to_json(again)) != written || again.version != card.version) std::abort();
    if (face::finds_boxes(card) != (card.input.kind == face::InputKind::picture)) std::abort();
  } catch (const Error&) {
    std::abort();
  }
}

}  // namespace

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
    check_rewritten(card);
  } catch (const Error&) {
  }
  return 0;
}
