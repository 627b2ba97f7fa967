// SPDX-License-Identifier: Apache-2.0
// Facts about an ONNX file before a runtime opens it: metadata and the weights' hash, read directly from
// the protobuf wire format (onnx.proto: ModelProto, GraphProto, TensorProto). Nothing is built, every length is
// checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace mien::onnx {

struct OnnxFile {
  std::vector<std::pair<std::string, std::string>> metadata;  ///< metadata_props in file order
  std::string model_hash;  ///< over everything except the metadata, as in onnx::kModelHashKey
  std::string
      weights_hash;  ///< content_hash over the initializers in file order: name "\n" dims ("64x1x7x7") "\n" raw bytes
  std::int64_t num_weights = 0;  ///< elements of all initializers
  std::optional<std::string> find(const std::string& key) const;
};

/// Throws bad_input if the bytes are not one whole ONNX model. `origin` names the file.
OnnxFile read_onnx(std::span<const std::byte> bytes, const std::string& origin);

/// The same model with `value` under `key` of its metadata; every other byte stays, weights included. `bytes` must be a
/// whole model (read_onnx).
std::string with_metadata(std::span<const std::byte> bytes, const std::string& key, const std::string& value,
                          const std::string& origin);

}  // namespace mien::onnx
