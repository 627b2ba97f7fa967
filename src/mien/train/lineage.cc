// SPDX-License-Identifier: Apache-2.0
#include "mien/train/lineage.h"

#include "mien/base/file.h"
#include "mien/base/hash.h"
#include "mien/train/checkpoint.h"
#include "mien/weights/safetensors_header.h"

namespace mien::train {

std::vector<face::Ancestor> lineage_of(const std::string& part, const std::filesystem::path& file) {
  require_file(file, "weights");
  const MappedFile mapped(file);
  std::vector<face::Ancestor> out{{part, file.filename().string(), content_hash(mapped.bytes()), "", ""}};
  if (file.extension() != ".safetensors") return out;
  const auto metadata = weights::read_safetensors_index(mapped.bytes(), file.string()).metadata;
  if (!is_checkpoint(metadata)) return out;
  const face::Provenance provenance = info_from(metadata, file.string()).provenance;
  out.front().data_set = provenance.data_set;
  out.front().licence = provenance.licence;
  for (const auto& ancestor : lineage_in(provenance)) out.push_back(ancestor);
  return out;
}

std::vector<face::Ancestor> lineage_in(const face::Provenance& provenance) {
  if (provenance.imported_from.empty()) return provenance.lineage;
  return {{"network", provenance.imported_from, provenance.source_hash, "", provenance.licence}};
}

}  // namespace mien::train
