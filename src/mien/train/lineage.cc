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
  const Json training = info_from(metadata, file.string()).training;
  out.front().data_set = training.value("data_set", std::string());
  out.front().licence = training.value("licence", std::string());
  for (const auto& ancestor : lineage_in(training, file.string())) out.push_back(ancestor);
  return out;
}

std::vector<face::Ancestor> lineage_in(const Json& training, const std::string& origin) {
  if (training.contains("lineage")) return face::lineage_from_json(training.at("lineage"), origin);
  if (!training.contains("imported_from")) return {};
  return {{"network", json_at<std::string>(training, "imported_from", origin),
           training.value("source_hash", std::string()), "", training.value("licence", std::string())}};
}

}  // namespace mien::train
