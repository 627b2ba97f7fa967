// SPDX-License-Identifier: Apache-2.0
// The result of a reader: the labelled pictures of a data set, before any picture is decoded, and the defects.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mien/base/json.h"
#include "mien/face/expression.h"
#include "mien/face/geometry.h"
#include "mien/pack/pack.h"

namespace mien::dataset {

/// Kinds of findings with their number and the first few of each. Defects make a run fail; remarks do not.
class Findings {
 public:
  static constexpr std::size_t kFirst = 5;
  struct Entry {
    std::string kind;
    bool is_defect;
    std::size_t count = 0;
    std::size_t of = 0;  ///< how many were checked; 0: not specified
    std::vector<std::string> first;
  };
  void defect(std::string_view kind, const std::string& detail) { add(kind, true, detail); }
  void remark(std::string_view kind, const std::string& detail) { add(kind, false, detail); }
  /// Sets the total number for the findings of a kind; without such findings nothing happens.
  void set_total(std::string_view kind, std::size_t of);
  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t num_defects() const;
  std::size_t count(std::string_view kind) const;
  /// "missing picture: 90 of 100 (a.png, b.png, …)" of the first defect kind; "" without defects.
  std::string first_defect() const;
  /// [{"kind","severity","count","of"?,"first"}], defects first.
  Json to_json() const;

 private:
  void add(std::string_view kind, bool is_defect, const std::string& detail);
  std::vector<Entry> entries_;
};

using ClassCounts = std::array<std::size_t, face::kNumExpressions>;

/// One labelled picture; the sample's label and distribution follow the canonical order of eight.
struct Item {
  pack::Sample sample;               ///< source: name in the FileTree, or "file.csv:17" for inline pixels
  std::optional<face::Box> box;      ///< face box in picture pixels, if the data set has one
  bool boxes_are_fractions = false;  ///< of the picture's sides; otherwise the sample's boxes are in picture pixels
  std::vector<std::uint8_t> inline_pixels;  ///< 48 × 48 grey, row by row; empty if `source` is a picture file
};

struct Listing {
  std::string layout;    ///< "ferplus", "folders", "csv"
  std::string data_set;  ///< "FER+", name of the folder, zip or list
  std::string label_rule = "single";
  std::string label_source;  ///< "label.csv", "folder names", …
  std::string licence = "not stated";
  bool pictures_may_be_shown = false;  ///< whether the licence allows pictures in reports
  bool has_splits = false;             ///< whether the data set brings its own splits
  std::vector<Item> items;
  /// The classes of the data set in canonical order: a known set's own list, otherwise those of any part and of empty
  /// folders.
  std::array<bool, face::kNumExpressions> classes{};
  std::set<std::string> seen;  ///< files that were read or are in the findings: pictures, lists, annotations
  std::map<pack::Split, ClassCounts> official;  ///< published counts, if the data set has some
  std::vector<std::string> mapping;             ///< "3 → disgust": how names or numbers became classes
  Findings findings;
};

/// A sample with one label and all its mass on it.
pack::Sample single_label(pack::Split split, face::Expression label, std::string source);

/// Marks the first `count` canonical classes as the data set's own.
void set_own_classes(Listing& listing, std::size_t count);
/// Adds the classes of all labels, distributions and boxes.
void add_classes_that_occur(Listing& listing);
/// The data set's classes, those of boxes included.
std::vector<std::string> class_names(const Listing& listing);

/// Labelled pictures per split and class; a split has an entry where it has a picture, labelled or not.
std::map<pack::Split, ClassCounts> count_classes(const Listing& listing);

/// Data of a part's pictures in addition to labels.
struct FieldCounts {
  std::size_t pictures = 0;
  std::size_t known_boxes = 0;                         ///< pictures whose boxes are known
  std::size_t detected_boxes = 0;                      ///< of these, pictures whose box is from a detector
  std::size_t without_face = 0;                        ///< of these, pictures with no box
  ClassCounts boxes{};                                 ///< boxes by class
  std::size_t landmarks = 0, estimated_landmarks = 0;  ///< pictures with landmarks; of these, estimated ones
  std::size_t poses = 0, estimated_poses = 0;
  bool has_any() const { return known_boxes + landmarks + poses > 0; }
};
/// Adds one sample, whose labels follow the canonical order.
void count_fields(const pack::Sample& sample, FieldCounts& counts);
Json to_json(const FieldCounts& counts);

}  // namespace mien::dataset
