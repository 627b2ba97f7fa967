// SPDX-License-Identifier: Apache-2.0
// The origin of a network's weights, as checkpoints and model cards record it: the data, the command and the program
// of training, or the published file of an import; and the machine and libraries of a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mien/base/json.h"

namespace mien::face {

/// The origin of the initial weights of training.
struct Ancestor {
  std::string part;               ///< "network", "backbone"
  std::string file;               ///< name without folders
  std::string hash;               ///< content hash of the file
  std::string data_set, licence;  ///< of the weights; "" not known
  bool operator==(const Ancestor&) const = default;
};

/// A stage that was trained on a pack other than data.pack.
struct StagePack {
  std::string stage, data_set, licence;
  std::string data_hash;  ///< content hash of the pack
  bool operator==(const StagePack&) const = default;
};

/// An empty text: not known, or not applicable.
struct Provenance {
  std::string data_set, licence, label_rule;                  ///< of the pack, or of the imported weights
  std::string data_hash;                                      ///< content hash of the pack
  std::vector<std::pair<std::string, std::int64_t>> samples;  ///< pictures in each part of the pack
  std::string imported_from;                                  ///< mien import: the published file, without folders
  std::string source_hash;                                    ///< content hash of that file
  std::optional<std::int64_t> seed;
  std::string git_revision, command;  ///< of the program; as typed
  std::string recipe;                 ///< name of the configuration: "ferplus", "as-published"
  std::vector<Ancestor> lineage;      ///< initial weights, most recent first; empty: none, or not known
  std::vector<StagePack> own_packs;   ///< empty: all stages used data.pack
  bool operator==(const Provenance&) const = default;
};

/// Number of pictures in a part of the pack; 0 if the part is not recorded.
std::int64_t samples_in(const Provenance& provenance, const std::string& part);

/// The entry "training" of a checkpoint. {} if nothing is known.
Json to_json(const Provenance& provenance);
/// The entry "training" of a model card, which has entries of its own for recipe and lineage.
Json card_entry(Provenance provenance);
/// Reads both. Entries that are missing stay empty; throws bad_input for an entry of the wrong type.
Provenance provenance_from_json(const Json& json, const std::string& origin);

Json to_json(const std::vector<Ancestor>& lineage);
/// Throws bad_input if a field is missing.
std::vector<Ancestor> lineage_from_json(const Json& json, const std::string& origin);

/// What a reader needs to assess a run's figures and speed: environment.json of its folder.
struct Environment {
  std::string mien, revision, torch;  ///< versions
  std::string processor;
  int threads = 0;
  bool cuda = false;  ///< whether a GPU was available
};
Json to_json(const Environment& environment);
/// Entries that are missing stay empty; throws bad_input for an entry of the wrong type.
Environment environment_from_json(const Json& json, const std::string& origin);

}  // namespace mien::face
