// SPDX-License-Identifier: Apache-2.0
// The model card: all that is needed to use an exported model rightly, carried inside the file (ONNX metadata_props,
// one entry "mien.card" with this JSON). Nothing is ever read from a file name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/face/calibration.h"
#include "mien/face/input_spec.h"

namespace mien::face {

inline constexpr const char* kCardKey = "mien.card";
inline constexpr int kCardVersion = 1;

struct OutputSpec {
  std::string name;     ///< tensor name in the file: "logits", "head_maps"
  std::string meaning;  ///< "class logits before softmax", ...
  std::string range;    ///< "real", "0..1"
  /// Maps (B, ..., h, w): the centre of cell i lies at cell_first + i × cell_stride input pixels. 0: not said.
  float cell_stride = 0, cell_first = 0;
  /// Named values of each face (B,n): what each of them is of, n different words. Empty: these are no values.
  std::vector<std::string> labels = {};
};

/// An output of one value per face (B,1), or, with labels, of one value per label (B,n).
OutputSpec face_values(std::string name, std::string meaning, std::string range, std::vector<std::string> labels = {});

/// One face's values of such an output.
struct FaceValues {
  std::string name;                 ///< of the output
  std::vector<std::string> labels;  ///< as in the card; empty: a feature vector
  std::vector<float> values;        ///< one per label
};

struct ModelCard {
  std::string method;  ///< "dan"
  std::string name;    ///< "dan-ferplus"
  std::string mien_version;
  std::vector<std::string> classes;  ///< order of the logits
  InputSpec input;
  std::vector<OutputSpec> outputs;  ///< the first is the logits
  double temperature = 1;           ///< logits are divided by it before softmax
  Json training =
      Json::object();  ///< data set, split sizes, label rule, licence, recipe command, seed, git revision, data hash
  Json metrics = Json::object();  ///< measured figures with the command that gave each
  std::int64_t parameters = 0;
  std::int64_t multiply_adds = 0;          ///< per picture
  std::optional<Calibration> calibration;  ///< thresholds per risk and how the temperature was found; by mien calibrate
  std::string weights_hash;                ///< content_hash over the initializers in file order: name, shape, raw bytes
  std::string card_hash;                   ///< content_hash over the card's JSON without this field
};

/// The card's entry for an output, which must be there.
const OutputSpec& output_named(const ModelCard& card, const std::string& name);

/// The JSON of the card; fills `card_hash`.
Json to_json(const ModelCard& card);
/// Throws bad_input where a field is missing or malformed, or where card_hash does not fit the rest.
ModelCard card_from_json(const Json& json, const std::string& origin);

}  // namespace mien::face
