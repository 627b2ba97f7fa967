// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/box_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "mien/base/csv.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/box_listing.h"
#include "mien/dataset/class_folders.h"
#include "mien/dataset/picture_finder.h"

namespace mien::dataset {
namespace {

constexpr std::size_t kBoxHead = 1 << 14;    // bytes that determine the form
constexpr std::size_t kLinesLookedAt = 100;  // pictures without faces may come first

/// A line, split into its path and the words that contain boxes.
struct BoxLine {
  std::string path;
  std::vector<std::string> boxes;
};

/// Numbers with at least two commas. Such a word at the end of a path would be read as a box.
bool is_box_word(std::string_view word) {
  return std::count(word.begin(), word.end(), ',') >= 2 &&
         word.substr(0, word.rfind(',')).find_first_not_of("0123456789.,+-eE") == std::string_view::npos;
}

BoxLine cut_line(std::string_view line) {
  BoxLine out;
  std::string_view rest = trim(line);
  while (true) {
    const auto gap = rest.find_last_of(" \t");
    const std::string_view last = gap == std::string_view::npos ? rest : rest.substr(gap + 1);
    if (gap == std::string_view::npos || !is_box_word(last)) break;
    out.boxes.emplace_back(last);
    rest = trim(rest.substr(0, gap));
  }
  std::reverse(out.boxes.begin(), out.boxes.end());
  out.path = std::string(rest);
  return out;
}

/// "10,20,30,40,5" → a box; nothing for any other word.
std::optional<WrittenBox> box_of(const std::string& word) {
  const auto cells = split(word, ',');
  if (cells.size() != 5) return std::nullopt;
  float corners[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const auto number = box_number(cells[i]);
    if (!number) return std::nullopt;
    corners[i] = *number;
  }
  return WrittenBox{corners[0], corners[1], corners[2], corners[3], std::string(trim(cells[4]))};
}

class BoxListReader {
 public:
  BoxListReader(const FileTree& tree, const LabelOrder& order)
      : tree_(tree), finder_(tree), boxes_("boxes", name_of(tree.root()), order) {}

  Listing read(const std::vector<ListFile>& lists) {
    std::vector<std::string> names;
    std::size_t num_lines = 0;
    for (const ListFile& list : lists) {
      names.push_back(list.name);
      boxes_.listing().seen.insert(list.name);
      boxes_.listing().has_splits = boxes_.listing().has_splits || list.split;
      num_lines += read_list(list);
    }
    boxes_.listing().label_source = join(names, ", ");
    boxes_.findings().set_total("missing picture", num_lines);
    return boxes_.take();
  }

 private:
  std::size_t read_list(const ListFile& list) {
    const auto lines = lines_of(to_utf8(tree_.read(list.name)).text);
    std::vector<std::string> paths;
    for (const auto& line : lines)
      if (!trim(line).empty()) paths.push_back(cut_line(line).path);
    check_input(!paths.empty(), tree_.describe(list.name) + ": is empty.");
    const std::string prefix = finder_.learn_prefix(paths, list.name);
    if (!prefix.empty())
      boxes_.findings().remark(fmt::format("paths of the list read without their prefix {}", quote(prefix)), list.name);
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (!trim(lines[i]).empty()) read_line(list, fmt::format("{} line {}", list.name, i + 1), cut_line(lines[i]));
    return paths.size();
  }

  void read_line(const ListFile& list, const std::string& where, const BoxLine& line) {
    std::vector<WrittenBox> boxes;
    for (const auto& word : line.boxes) {
      const auto box = box_of(word);
      if (!box)
        return boxes_.findings().defect("bad line",
                                        fmt::format("{}: {} is not left,top,right,bottom,class", where, quote(word)));
      boxes.push_back(*box);
    }
    const auto found = finder_.find(line.path, list.name);
    if (!found.source)
      return boxes_.findings().defect(
          "missing picture",
          fmt::format("{}: {}{}", where, line.path, found.why.empty() ? "" : fmt::format(" ({})", found.why)));
    boxes_.add(where, *found.source, list.split.value_or(pack::Split::train), boxes, BoxUnit::pixels);
  }

  const FileTree& tree_;
  PictureFinder finder_;
  BoxListing boxes_;
};

}  // namespace

bool looks_like_box_list(std::string_view head) {
  const auto lines = lines_of(to_utf8(head).text);
  for (std::size_t i = 0; i < std::min(lines.size(), kLinesLookedAt); ++i) {
    const BoxLine line = cut_line(lines[i]);
    if (!line.boxes.empty()) return box_of(line.boxes.front()).has_value();
  }
  return false;
}

std::vector<ListFile> find_box_lists(const FileTree& tree) {
  std::vector<ListFile> lists;
  for (const auto& name : tree.files()) {
    if (!has_list_name(name) || is_class_file(name) || !looks_like_box_list(tree.head(name, kBoxHead))) continue;
    lists.push_back({name, split_in_name(base_of(name))});
  }
  std::set<std::optional<pack::Split>> parts;
  std::vector<std::string> names;
  for (const ListFile& list : lists) {
    parts.insert(list.split);
    names.push_back(list.name);
  }
  check_input(lists.size() <= 1 || (parts.size() == lists.size() && !parts.contains(std::nullopt)),
              fmt::format("{}: contains several lists with boxes: {}.", tree.root().string(), join(names, ", ")),
              "Give the list directly.");
  return lists;
}

Listing read_box_lists(const FileTree& tree, const std::vector<ListFile>& lists, const LabelOrder& order) {
  return BoxListReader(tree, order.is_empty() ? class_names_in(tree, lists.front().name) : order).read(lists);
}

}  // namespace mien::dataset
