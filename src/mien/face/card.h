// SPDX-License-Identifier: Apache-2.0
// The model card: all that is needed to use an exported model rightly, carried inside the file (ONNX metadata_props,
// one entry "mien.card" with this JSON). Nothing is ever read from a file name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/base/json.h"
#include "mien/face/calibration.h"
#include "mien/face/input_spec.h"

namespace mien::face {

inline constexpr const char* kCardKey = "mien.card";
inline constexpr int kCardVersion = 2;  ///< the newest; version 1 is read and kept

/// What an output of the network is. Shapes without the batch; K classes.
enum class OutputKind {
  unstated,  ///< in cards of version 1 given by name, labels and shape
  logits,    ///< (K) before softmax
  boxes,     ///< (5 + K, h, w) grid of raw boxes, decoded by face/box_decoding.h; one output per level
  maps,      ///< (..., h, w) over the input
  matrix,    ///< (rows, columns), no places of the input
  values,    ///< (n) named numbers, one per label
  features,  ///< (n) unnamed numbers
  picture,   ///< (C, h, w) made by the network, scaled as its input
};
std::string_view to_string(OutputKind kind);  ///< "logits"; "" for unstated

struct OutputSpec {
  std::string name;     ///< tensor name in the file: "logits", "head_maps"
  std::string meaning;  ///< "class logits before softmax", ...
  std::string range;    ///< "real", "0..1"
  /// Maps (B, ..., h, w): the centre of cell i is at cell_first + i × cell_stride input pixels. 0: not specified.
  float cell_stride = 0, cell_first = 0;
  /// Named values of each face (B,n): what each of them is of, n different words. Empty: these are no values.
  std::vector<std::string> labels = {};
  OutputKind kind = OutputKind::unstated;
};

/// An output of one value per face (B,1), or, with labels, of one value per label (B,n).
OutputSpec face_values(std::string name, std::string meaning, std::string range, std::vector<std::string> labels = {});

/// One face's values of such an output.
struct FaceValues {
  std::string name;                 ///< of the output
  std::vector<std::string> labels;  ///< as in the card; empty: a feature vector
  std::vector<float> values;        ///< one per label
};

/// Where weights came from that training began with.
struct Ancestor {
  std::string part;               ///< "network", "backbone"
  std::string file;               ///< name without folders
  std::string hash;               ///< content hash of the file
  std::string data_set, licence;  ///< of the weights; "" not known
  bool operator==(const Ancestor&) const = default;
};

struct ModelCard {
  int version = kCardVersion;  ///< as read, so that a rewritten card of version 1 stays one
  std::string method;          ///< "dan"
  std::string name;            ///< "dan-ferplus"
  std::string mien_version;
  std::vector<std::string> classes;  ///< order of the logits
  InputSpec input;
  std::vector<OutputSpec> outputs;  ///< the first holds the answer: logits or boxes
  double temperature = 1;           ///< logits are divided by it before softmax
  std::string recipe;  ///< name of the configuration: "ferplus", "as-published"; "" not known (always in version 1)
  std::vector<Ancestor> lineage;  ///< what training began with, nearest first; empty: nothing, or not known
  Json training =
      Json::object();  ///< data set, split sizes, label rule, licence, recipe command, seed, git revision, data hash
  Json metrics = Json::object();  ///< measured figures with the command that gave each
  std::int64_t parameters = 0;
  std::int64_t multiply_adds = 0;          ///< per picture
  std::optional<Calibration> calibration;  ///< thresholds per risk and how the temperature was found; by mien calibrate
  std::string weights_hash;                ///< content_hash over the initializers in file order: name, shape, raw bytes
  std::string card_hash;                   ///< content_hash over the card's JSON without this field
};

/// Whether the network finds boxes instead of judging a face.
bool finds_boxes(const ModelCard& card);
/// Of a network that judges faces: what `output` is, as its card states or, in version 1, by labels and rank (of the
/// whole batch, 2 or more).
OutputKind kind_of(const OutputSpec& output, std::size_t rank);
/// The card's entry for an output, which must be there.
const OutputSpec& output_named(const ModelCard& card, const std::string& name);

/// The form of a lineage in cards and checkpoints. Reading throws bad_input where a field is missing.
Json to_json(const std::vector<Ancestor>& lineage);
std::vector<Ancestor> lineage_from_json(const Json& json, const std::string& origin);
/// The JSON of the card; fills `card_hash`.
Json to_json(const ModelCard& card);
/// Throws bad_input if a field is missing or malformed, where card_hash does not fit the rest, or for a version that
/// this mien does not know.
ModelCard card_from_json(const Json& json, const std::string& origin);

}  // namespace mien::face
