// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "mien/base/csv.h"
#include "mien/base/text.h"
#include "mien/dataset/class_folders.h"

namespace mien::dataset {
namespace {

using Names = std::vector<std::string_view>;

const Names kPicture = {"path",  "image",     "file",    "filename",  "imgpath", "imagepath",           "filepath",
                        "img",   "imagename", "imgname", "imagefile", "imgfile", "imagefilename",       "picture",
                        "photo", "pic",       "imageid", "imgid",     "name",    "subdirectoryfilepath"};
const Names kLabel = {"label",
                      "emotion",
                      "expression",
                      "class",
                      "category",
                      "labelname",
                      "classname",
                      "emotionlabel",
                      "expressionlabel",
                      "emotionname",
                      "emotionclass",
                      "expressionname",
                      "labels",
                      "emotions",
                      "target",
                      "choice",
                      "tag",
                      "annotation",
                      "facialexpression",
                      "dominantemotion",
                      "sentiment"};
/// Names that are certain, and names that count only if the values confirm them.
const Names kSplit = {"split", "usage", "phase"}, kPerhapsSplit = {"set", "subset", "partition", "mluse", "part"};
const Names kSubject = {"subject", "subjectid", "person", "personid", "identity", "participant"};
const std::array<Names, 5> kBoxes = {
    Names{"x", "y", "w", "h"}, Names{"x", "y", "width", "height"}, Names{"facex", "facey", "facewidth", "faceheight"},
    Names{"left", "top", "width", "height"}, Names{"bboxx", "bboxy", "bboxwidth", "bboxheight"}};
const std::array<Names, 4> kCorners = {Names{"xmin", "ymin", "xmax", "ymax"}, Names{"left", "top", "right", "bottom"},
                                       Names{"x1", "y1", "x2", "y2"}, Names{"bboxx1", "bboxy1", "bboxx2", "bboxy2"}};
const Names kAffectNet = {"subDirectory_filePath", "face_x",     "face_y",  "face_width", "face_height",
                          "facial_landmarks",      "expression", "valence", "arousal"};
constexpr std::size_t kLandmarkNumbers = 136;

std::string plain(std::string_view name) {
  std::string out;
  for (const char c : lower(name))
    if (std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80) out += c;
  return out;
}

class Header {
 public:
  explicit Header(const std::vector<std::string>& cells) {
    for (const auto& cell : cells) names_.push_back(plain(cell));
  }
  std::size_t find(const Names& wanted) const {
    const auto all = find_all(wanted);
    return all.empty() ? kNoColumn : all.front();
  }
  /// In the order of `wanted`.
  std::vector<std::size_t> find_all(const Names& wanted) const {
    std::vector<std::size_t> out;
    for (const auto name : wanted)
      for (std::size_t i = 0; i < names_.size(); ++i)
        if (names_[i] == name) out.push_back(i);
    return out;
  }
  /// All four columns or none.
  std::array<std::size_t, 4> find_box(const Names& wanted) const {
    std::array<std::size_t, 4> out;
    for (std::size_t i = 0; i < 4; ++i) out[i] = find({wanted[i]});
    if (std::count(out.begin(), out.end(), kNoColumn) > 0) out.fill(kNoColumn);
    return out;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

void find_boxes(Columns& c, const Header& header) {
  c.box.fill(kNoColumn);
  for (const auto& names : kBoxes)
    if (!c.has_box()) c.box = header.find_box(names);
  for (const auto& names : kCorners) {
    if (c.has_box()) return;
    c.box = header.find_box(names);
    c.box_has_corners = c.has_box();
  }
}

/// Columns named after classes. Two-letter abbreviations of classes are ambiguous.
void find_distribution(Columns& c, const Header& header) {
  c.distribution.fill(kNoColumn);
  for (std::size_t i = 0; i < header.names().size(); ++i) {
    const auto expression = header.names()[i].size() > 2 ? face::expression_from(header.names()[i]) : std::nullopt;
    if (!expression) continue;
    auto& column = c.distribution[static_cast<std::size_t>(*expression)];
    if (column == kNoColumn) column = i;
  }
  const auto found = static_cast<std::size_t>(face::kNumExpressions) -
                     static_cast<std::size_t>(std::count(c.distribution.begin(), c.distribution.end(), kNoColumn));
  const bool is_distribution = found == face::kNumExpressions || (found >= 2 && c.label == kNoColumn);
  if (!is_distribution) c.distribution.fill(kNoColumn);
}

std::vector<std::string> to_strings(const Names& names) { return {names.begin(), names.end()}; }

/// AffectNet's validation.csv also occurs without its first line.
bool is_affectnet_row(const std::vector<std::string>& cells) {
  return cells.size() == kAffectNet.size() && split(cells[5], ';').size() == kLandmarkNumbers;
}

/// "a.jpg,happy": a picture and a label, and no first line that names them.
std::optional<Columns> headerless_columns(const std::vector<std::string>& cells) {
  if (is_affectnet_row(cells)) return columns_of(to_strings(kAffectNet));
  if (cells.size() < 2 || !image::has_image_name(cells[0])) return std::nullopt;
  const bool is_label = face::expression_from(cells[1]).has_value() || LabelOrder::is_number(cells[1]);
  if (!is_label) return std::nullopt;
  std::vector<std::string> names(cells.size());
  names[0] = "path";
  names[1] = "label";
  return columns_of(names);
}

}  // namespace

bool Columns::has_distribution() const {
  return std::any_of(distribution.begin(), distribution.end(), [](std::size_t i) { return i != kNoColumn; });
}

Columns columns_of(const std::vector<std::string>& cells) {
  const Header header(cells);
  Columns c;
  c.count = cells.size();
  c.picture = header.find(kPicture);
  c.pixels = header.find({"pixels"});
  c.labels = header.find_all(kLabel);
  c.label = c.labels.empty() ? kNoColumn : c.labels.front();
  c.split = header.find(kSplit);
  c.split_is_certain = c.split != kNoColumn;
  if (c.split == kNoColumn) c.split = header.find(kPerhapsSplit);
  c.subject = header.find(kSubject);
  find_boxes(c, header);
  find_distribution(c, header);
  if (c.pixels != kNoColumn) c.known = KnownTable::fer2013;
  if (header.find({"userid"}) != kNoColumn && c.picture != kNoColumn) c.known = KnownTable::muxspace;
  if (header.find({"subdirectoryfilepath"}) != kNoColumn) c.known = KnownTable::affectnet;
  return c;
}

TableForm form_of(std::string_view head, bool may_be_words) {
  const std::string content = to_utf8(head).text;
  TableForm other;
  // The most frequent separator first; but AffectNet's lists hold 136 numbers with semicolons in one cell.
  for (const char separator : {'\0', ',', ';', '\t', '|'}) {
    CsvReader reader(content, separator);
    const auto first = reader.next();
    if (!first) break;
    const Columns columns = columns_of(first->cells);
    const bool is_header = columns.has_picture() && (!may_be_words || columns.has_label() || first->cells.size() > 1);
    if (is_header) return {TableForm::Kind::table, columns, reader.separator()};
    if (const auto bare = headerless_columns(first->cells))
      return {TableForm::Kind::headerless, *bare, reader.separator()};
    if (separator == '\0') other = {TableForm::Kind::other, columns, reader.separator()};
  }
  if (may_be_words) other.kind = TableForm::Kind::words;
  return other;
}

bool is_fer2013new(std::string_view head) {
  const std::string content = to_utf8(head).text;
  CsvReader reader(content);
  const auto first = reader.next();
  return first && first->cells.size() == 12 && plain(first->cells[0]) == "usage" &&
         plain(first->cells[1]) == "imagename" && plain(first->cells[11]) == "nf";
}

std::size_t choose_label(const Columns& columns, const std::vector<std::string>& row, const LabelOrder& order) {
  for (const std::size_t i : columns.labels)
    if (i < row.size() && order.label_of(row[i]).kind != LabelOrder::Kind::unmapped) return i;
  return columns.label;
}

std::optional<std::vector<std::uint8_t>> parse_pixels(std::string_view cell, std::string& why) {
  std::vector<std::uint8_t> pixels;
  for (const auto& word : split(cell, ' ')) {
    if (word.empty()) continue;
    const auto value = parse_int(word);
    if (!value || *value < 0 || *value > 255) {
      why = fmt::format("pixel {} is not 0 to 255", quote(word.substr(0, 20)));
      return std::nullopt;
    }
    pixels.push_back(static_cast<std::uint8_t>(*value));
  }
  if (pixels.size() == kInlinePixels) return pixels;
  why = fmt::format("{} pixels, expected {}", pixels.size(), kInlinePixels);
  return std::nullopt;
}

std::optional<std::array<float, face::kNumExpressions>> parse_shares(const Columns& columns,
                                                                     const std::vector<std::string>& row) {
  double sum = 0;
  std::array<double, face::kNumExpressions> shares{};
  for (std::size_t k = 0; k < shares.size(); ++k) {
    if (columns.distribution[k] == kNoColumn) continue;
    const auto share = parse_double(row[columns.distribution[k]]);
    if (!share || !(*share >= 0 && *share < 1e9)) return std::nullopt;
    shares[k] = *share;
    sum += *share;
  }
  if (sum <= 0) return std::nullopt;
  std::array<float, face::kNumExpressions> out{};
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<float>(shares[k] / sum);
  return out;
}

std::optional<face::Box> parse_box(const Columns& columns, const std::vector<std::string>& row) {
  std::array<float, 4> v{};
  bool is_good = true, is_empty = true;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const std::string& cell = row[columns.box[i]];
    const auto number = parse_double(cell);
    is_empty = is_empty && cell.empty();
    is_good = is_good && number && std::abs(*number) < 1e6;
    if (is_good) v[i] = static_cast<float>(*number);
  }
  if (is_empty) return std::nullopt;
  if (columns.box_has_corners) {
    v[2] -= v[0];
    v[3] -= v[1];
  }
  if (!is_good || v[2] <= 0 || v[3] <= 0) return face::Box{};
  return face::Box{v[0], v[1], v[2], v[3]};
}

}  // namespace mien::dataset
