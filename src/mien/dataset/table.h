// SPDX-License-Identifier: Apache-2.0
// The meaning of a list's columns. Names are compared without case, spaces and punctuation: "Image Name" is
// "image_name".
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/dataset/label_order.h"
#include "mien/dataset/listing.h"

namespace mien::dataset {

inline constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

/// Lists that are detected by their first lines.
enum class KnownTable { none, fer2013, muxspace, affectnet };

/// The columns of the first line; kNoColumn if there is no such column.
struct Columns {
  std::size_t count = 0;
  std::size_t picture = kNoColumn, pixels = kNoColumn, label = kNoColumn, split = kNoColumn, subject = kNoColumn;
  std::vector<std::size_t> labels;                              ///< all columns that may hold the label
  std::array<std::size_t, 4> box;                               ///< x, y, width, height; or left, top, right, bottom
  bool box_has_corners = false;                                 ///< the second form
  std::array<std::size_t, face::kNumExpressions> distribution;  ///< a share per class, canonical order
  bool split_is_certain = false;  ///< known by the name of its column, not only by its values
  KnownTable known = KnownTable::none;

  bool has_picture() const { return picture != kNoColumn || pixels != kNoColumn; }
  bool has_distribution() const;
  bool has_label() const { return label != kNoColumn || has_distribution(); }
  bool has_box() const { return box[0] != kNoColumn; }
};

/// The beginning of a list.
struct TableForm {
  enum class Kind { table, headerless, words, other };
  Kind kind = Kind::other;  ///< headerless: "a.jpg,happy"; words: "path label", split at the last space
  Columns columns;
  char separator = ',';
};

Columns columns_of(const std::vector<std::string>& header);
/// The form of a list by its first bytes; words only where `may_be_words` (.txt, .lst).
TableForm form_of(std::string_view head, bool may_be_words);
/// Whether the first line is that of FER+'s fer2013new.csv, which contains votes.
bool is_fer2013new(std::string_view head);
/// Among several label columns the first whose value in this row is a label.
std::size_t choose_label(const Columns& columns, const std::vector<std::string>& row, const LabelOrder& order);

inline constexpr std::size_t kInlinePixels = 48 * 48;
/// 48 × 48 numbers separated by spaces; for anything else nothing, with the reason in `why`.
std::optional<std::vector<std::uint8_t>> parse_pixels(std::string_view cell, std::string& why);

/// The shares of the classes in a row, summing to 1; nothing if they are not numbers from 0 up with a sum above 0.
std::optional<std::array<float, face::kNumExpressions>> parse_shares(const Columns& columns,
                                                                     const std::vector<std::string>& row);
/// The face box of a row; a box of width 0 if its cells hold none, nothing if they are all empty.
std::optional<face::Box> parse_box(const Columns& columns, const std::vector<std::string>& row);

}  // namespace mien::dataset
