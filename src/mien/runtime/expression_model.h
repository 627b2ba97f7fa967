// SPDX-License-Identifier: Apache-2.0
// An exported expression model: the network with its card, both verified. Model is shared, Session belongs to one
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mien/face/card.h"
#include "mien/runtime/session.h"

namespace mien::runtime {

/// The card inside an exported file, with card hash and weights hash verified; nothing is compiled. Throws missing
/// if there is no file, bad_input if it is not mien's, truncated, or changed after export.
face::ModelCard read_card(const std::filesystem::path& path);

/// Writes the model `from` with another card to `to` (which may be the same file), completely or not at all. The
/// weights and their hash do not change. Throws like read_card, and bad_input if the card belongs to another network.
void write_card(const std::filesystem::path& from, const face::ModelCard& card, const std::filesystem::path& to);

/// Immutable and cheap to copy; thread-safe.
class ExpressionModel {
 public:
  static ExpressionModel load(const std::filesystem::path& path, const ModelOptions& options = {});
  const face::ModelCard& card() const { return *card_; }
  const Model& network() const { return network_; }

 private:
  std::shared_ptr<const face::ModelCard> card_;
  Model network_;
};

/// One picture's values of an output with cells: class activation, attention; of a matrix (rows, columns), of a
/// picture (C, h, w) or of a code.
struct OutputMaps {
  std::string name;           ///< as in the card: "class_maps"
  Shape shape;                ///< without the batch: (..., h, w)
  std::vector<float> values;  ///< row-major
};

class ExpressionSession {
 public:
  explicit ExpressionSession(const ExpressionModel& model);

  /// Logits (B × K, row-major, K as in the card) of B crops, each side × side × C bytes as image::crop_face and packs
  /// store them. `flip`: mean of the logits of a crop and of its mirror image, at twice the cost. Throws bad_input if
  /// one is not finite.
  std::vector<float> logits(std::span<const std::uint8_t> crops, std::size_t count, int side, bool flip = false);
  /// Further outputs of the network for crop `index` of the last logits(): every output of the card with rank 3 (a
  /// matrix per face) or more, in the card's order; with `flip`, the mean of the crop's map and its mirror image's,
  /// mirrored back.
  std::vector<OutputMaps> maps(std::size_t index) const;
  /// The pictures that the network generates from that crop: every output of kind picture. With `flip`, as maps().
  std::vector<OutputMaps> pictures(std::size_t index) const;
  /// The codes of those pictures: every output of kind features with more than one axis; with `flip`, of the crop
  /// itself.
  std::vector<OutputMaps> codes(std::size_t index) const;
  /// The crop's named values: every output with labels, in the card's order; with `flip`, the mean of both views.
  /// Throws bad_input if the network returns a different number of values than the card names.
  std::vector<face::FaceValues> values(std::size_t index) const;
  /// The crop's feature vectors: every output except the logits that has one row of unnamed numbers per face; with
  /// `flip`, the mean of both views.
  std::vector<face::FaceValues> features(std::size_t index) const;

 private:
  using Choice = std::function<bool(face::OutputKind kind, std::size_t rank)>;
  std::vector<OutputMaps> outputs_of(std::size_t index, const Choice& is_chosen) const;
  std::vector<float> row(const TensorView& all, std::size_t index) const;
  void require_finite(std::span<const float> values, const std::string& output) const;

  ExpressionModel model_;
  Session session_;
  std::size_t views_ = 1;  ///< of each crop, in the last run
};

}  // namespace mien::runtime
