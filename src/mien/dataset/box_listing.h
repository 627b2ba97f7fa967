// SPDX-License-Identifier: Apache-2.0
// Shared by the readers of pictures with boxes: turns a data set's boxes into a listing and counts
// every wrong box.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mien/dataset/file_tree.h"
#include "mien/dataset/label_order.h"
#include "mien/dataset/listing.h"

namespace mien::dataset {

/// A box as written in a data set: corners in pixels of the picture, or in fractions of its sides.
struct WrittenBox {
  float left = 0, top = 0, right = 0, bottom = 0;
  std::string label;  ///< number or name of its class
};

enum class BoxUnit { pixels, fractions };

/// Collects pictures with their boxes. A picture with a wrong box is a defect and left out entirely: without its box
/// a face would be learned as background.
class BoxListing {
 public:
  BoxListing(std::string layout, std::string data_set, LabelOrder order);

  /// A picture and all its boxes, possibly none. `where` is the line or file, for the findings. A repeated picture is
  /// a remark and counts once.
  void add(const std::string& where, const std::string& source, pack::Split split, const std::vector<WrittenBox>& boxes,
           BoxUnit unit);
  Listing& listing() { return listing_; }
  Findings& findings() { return listing_.findings; }
  /// Adds the classes that occur.
  Listing take();

 private:
  std::optional<int> class_of(const std::string& where, const WrittenBox& box, std::size_t number);
  bool is_sound(const std::string& where, const face::LabelledBox& box, std::size_t number, BoxUnit unit);

  LabelOrder order_;
  Listing listing_;
  std::set<std::string> sources_;
};

/// The item's boxes in a picture of this size, in pixels; unclipped, so they may extend beyond it.
std::vector<face::LabelledBox> boxes_in(const Item& item, int width, int height);

/// Counts what is wrong or odd with an item's boxes in its decoded picture: outside it (a defect), extending beyond it,
/// of extreme shape, or more than a detector reports for one picture.
void check_boxes(const Item& item, int width, int height, Findings& findings);

/// The file of class names in the tree that is nearest to `near`: classes.txt, names.txt (also with a prefix,
/// voc_classes.txt), *.names, or a data.yaml with names. An order without classes if there is none. Throws usage
/// if several are equally near, bad_input for a name that is not an expression.
LabelOrder class_names_in(const FileTree& tree, const std::string& near);
/// Whether a file contains class names.
bool is_class_file(std::string_view name);

/// Number → pixels or fractions; nothing for a word that is not a finite number.
std::optional<float> box_number(std::string_view word);

}  // namespace mien::dataset
