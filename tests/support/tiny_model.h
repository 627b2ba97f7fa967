// SPDX-License-Identifier: Apache-2.0
// A model file as 'mien export' writes it, small enough to check by hand: input (B, C, H, W) → Flatten → Gemm → logits.
// Logit 0 is the mean of the left half of the input, logit 1 the mean of the right half, all others 0.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "mien/base/hash.h"
#include "mien/base/json.h"
#include "mien/face/card.h"
#include "mien/face/expression.h"
#include "mien/onnx/model_file.h"

namespace mien::testing {

inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value > 127; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
inline std::string number_field(std::uint32_t field, std::uint64_t value) { return varint(field << 3) + varint(value); }
inline std::string bytes_field(std::uint32_t field, const std::string& bytes) {
  return varint(field << 3 | 2) + varint(bytes.size()) + bytes;
}

inline std::string tensor_proto(const std::string& name, const std::vector<std::uint64_t>& dims,
                                const std::vector<float>& values) {
  std::string raw(values.size() * sizeof(float), '\0'), out;
  if (!values.empty()) std::memcpy(raw.data(), values.data(), raw.size());
  for (const auto d : dims) out += number_field(1, d);
  return out + number_field(2, 1) + bytes_field(8, name) + bytes_field(9, raw);
}

inline std::string value_proto(const std::string& name, const std::vector<std::uint64_t>& dims) {  // 0: any size
  std::string shape;
  for (const auto d : dims) shape += bytes_field(1, d ? number_field(1, d) : bytes_field(2, "batch"));
  return bytes_field(1, name) + bytes_field(2, bytes_field(1, number_field(1, 1) + bytes_field(2, shape)));
}

inline std::string node_proto(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
                              const std::string& attributes = {}) {
  std::string out;
  for (const auto& input : inputs) out += bytes_field(1, input);
  return out + bytes_field(2, output) + bytes_field(3, op) + bytes_field(4, op) + attributes;
}

/// The card of the tiny model: 16 × 16 grey input from 8 × 8 crops, mean 0.5, std 0.5, the first `classes` expressions.
inline face::ModelCard tiny_card(std::size_t classes = 8) {
  face::ModelCard card;
  card.method = "tiny";
  card.name = "tiny-test";
  card.mien_version = "0";
  card.classes = face::class_set(classes);
  card.input.width = card.input.height = 16;
  card.input.source_side = 8;
  card.input.mean = {0.5f};
  card.input.std = {0.5f};
  card.outputs = {{"logits", "class logits before softmax", "real"}};
  return card;
}

/// The tiny card with maps: class_maps (B, K, 2, 2), whose map 0 is the mean of each quarter of the input and whose map
/// 1 is -1 times that; cells centred on pixels 0 and 8.
inline face::ModelCard tiny_card_with_maps() {
  face::ModelCard card = tiny_card();
  card.outputs.push_back({"class_maps", "mean of each quarter", "real", 8, 0.5f});
  return card;
}

/// The tiny card with values: sides (B, K), the logistic function of each logit, named "left", "right", "rest
/// 2", ...
inline face::ModelCard tiny_card_with_values(std::size_t classes = 8) {
  face::ModelCard card = tiny_card(classes);
  std::vector<std::string> labels{"left", "right"};
  for (std::size_t k = 2; k < classes; ++k) labels.push_back("rest " + std::to_string(k));
  card.outputs.push_back(face::face_values("sides", "brightness of each side", "0..1", labels));
  return card;
}

/// The card of a tiny detector: 16 × 16 grey whole pictures; boxes_8 (B, 5 + K, 2, 2), a grid of stride 8. Its classes
/// are the first two expressions, its channels except the box's size depend on the mean of each quarter q (a value of
/// the input, -1 black to 1 white): x = y = 0.5, width = height = 8 pixels, objectness 20·q, class logits 4·q and 0.
inline face::ModelCard tiny_detector_card() {
  face::ModelCard card = tiny_card();
  card.classes = {"neutral", "happiness"};
  card.input.kind = face::InputKind::picture;
  card.input.source_side = 0;
  card.outputs = {{"boxes_8", "raw boxes", "real", 8, 4, {}, face::OutputKind::boxes}};
  return card;
}

/// The bytes of the tiny detector's file.
inline std::string tiny_detector(face::ModelCard card = tiny_detector_card()) {
  const std::size_t channels = 5 + card.classes.size(), cells = 64;
  std::vector<float> weights(channels * cells, 0), bias(channels, 0);
  for (std::size_t i = 0; i < cells; ++i) weights[4 * cells + i] = 20.0f / cells, weights[5 * cells + i] = 4.0f / cells;
  bias[0] = bias[1] = 0.5f;
  ContentHasher hasher;
  hasher.update("weight\n7x1x8x8\n");
  hasher.update(std::as_bytes(std::span(weights)));
  hasher.update("bias\n7\n");
  hasher.update(std::as_bytes(std::span(bias)));
  card.weights_hash = hasher.hex();
  card.parameters = static_cast<std::int64_t>(weights.size() + bias.size());
  const std::string strides =
      bytes_field(5, bytes_field(1, "strides") + number_field(8, 8) + number_field(8, 8) + number_field(20, 7));
  const std::string graph =
      bytes_field(1, node_proto("Conv", {"input", "weight", "bias"}, "boxes_8", strides)) + bytes_field(2, "tiny") +
      bytes_field(5, tensor_proto("weight", {channels, 1, 8, 8}, weights)) +
      bytes_field(5, tensor_proto("bias", {channels}, bias)) + bytes_field(11, value_proto("input", {0, 1, 16, 16})) +
      bytes_field(12, value_proto("boxes_8", {0, channels, 2, 2}));
  const std::string model =
      number_field(1, 8) + bytes_field(2, "mien") + bytes_field(7, graph) + bytes_field(8, number_field(2, 17));
  return model + bytes_field(14, bytes_field(1, onnx::kModelHashKey) + bytes_field(2, content_hash(model))) +
         bytes_field(14, bytes_field(1, face::kCardKey) + bytes_field(2, compact(face::to_json(card))));
}

/// The bytes of the file; the card's weights_hash and parameters are filled in. `first_bias` is added to logit 0.
inline std::string tiny_model(face::ModelCard card = tiny_card(), float first_bias = 0) {
  const std::size_t k = card.classes.size(), channels = static_cast<std::size_t>(card.input.channels);
  const std::size_t width = static_cast<std::size_t>(card.input.width),
                    height = static_cast<std::size_t>(card.input.height);
  const std::size_t inputs = channels * width * height;
  std::vector<float> weights(k * inputs, 0), bias(k, 0);
  bias[0] = first_bias;
  for (std::size_t i = 0; i < inputs; ++i)
    weights[(i % width < width / 2 ? 0 : inputs) + i] = 2.0f / static_cast<float>(inputs);
  ContentHasher hasher;
  auto hash_tensor = [&](const std::string& name, const std::string& dims, const std::vector<float>& values) {
    hasher.update(name + "\n" + dims + "\n");
    hasher.update(std::as_bytes(std::span(values)));
  };
  hash_tensor("weight", std::to_string(k) + "x" + std::to_string(inputs), weights);
  hash_tensor("bias", std::to_string(k), bias);
  std::vector<float> quarters(k * channels * height / 2 * (width / 2), 0);
  const std::size_t quarter = quarters.size() / k;
  for (std::size_t i = 0; i < quarter; ++i) {
    quarters[i] = 1 / static_cast<float>(quarter);
    quarters[quarter + i] = -quarters[i];
  }
  std::string maps, values;
  const auto has = [&](const char* name) {
    return std::any_of(card.outputs.begin(), card.outputs.end(), [&](const auto& o) { return o.name == name; });
  };
  if (has("sides"))
    values = bytes_field(1, node_proto("Sigmoid", {"logits"}, "sides")) + bytes_field(12, value_proto("sides", {0, k}));
  if (has("class_maps")) {
    hash_tensor("quarters",
                std::to_string(k) + "x" + std::to_string(channels) + "x" + std::to_string(height / 2) + "x" +
                    std::to_string(width / 2),
                quarters);
    const std::string strides = bytes_field(
        5, bytes_field(1, "strides") + number_field(8, height / 2) + number_field(8, width / 2) + number_field(20, 7));
    maps = bytes_field(1, node_proto("Conv", {"input", "quarters"}, "class_maps", strides)) +
           bytes_field(5, tensor_proto("quarters", {k, channels, height / 2, width / 2}, quarters)) +
           bytes_field(12, value_proto("class_maps", {0, k, 2, 2}));
  }
  card.weights_hash = hasher.hex();
  card.parameters = static_cast<std::int64_t>(weights.size() + bias.size());
  const std::string trans_b = bytes_field(5, bytes_field(1, "transB") + number_field(3, 1) + number_field(20, 2));
  const std::string graph = bytes_field(1, node_proto("Flatten", {"input"}, "flat")) +
                            bytes_field(1, node_proto("Gemm", {"flat", "weight", "bias"}, "logits", trans_b)) +
                            bytes_field(2, "tiny") + bytes_field(5, tensor_proto("weight", {k, inputs}, weights)) +
                            bytes_field(5, tensor_proto("bias", {k}, bias)) +
                            bytes_field(11, value_proto("input", {0, channels, height, width})) +
                            bytes_field(12, value_proto("logits", {0, k})) + maps + values;
  const std::string model =
      number_field(1, 8) + bytes_field(2, "mien") + bytes_field(7, graph) + bytes_field(8, number_field(2, 17));
  return model + bytes_field(14, bytes_field(1, onnx::kModelHashKey) + bytes_field(2, content_hash(model))) +
         bytes_field(14, bytes_field(1, face::kCardKey) + bytes_field(2, compact(face::to_json(card))));
}

}  // namespace mien::testing
