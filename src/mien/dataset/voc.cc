// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/voc.h"

#include <fmt/core.h>

#include <map>
#include <set>

#include "mien/base/csv.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/class_folders.h"
#include "mien/dataset/picture_finder.h"

namespace mien::dataset {
namespace {

using View = std::string_view;

/// Advances `rest` past the first "<name …>…</name>" and returns its content; nothing if there is none.
std::optional<View> next_element(View& rest, View name) {
  const std::string open = fmt::format("<{}", name), close = fmt::format("</{}>", name);
  for (std::size_t at = rest.find(open); at != View::npos; at = rest.find(open, at + 1)) {
    const std::size_t after = at + open.size();
    const bool is_whole_name =
        after < rest.size() &&
        (rest[after] == '>' || rest[after] == ' ' || rest[after] == '\n' || rest[after] == '\t' || rest[after] == '\r');
    if (!is_whole_name) continue;
    const std::size_t begin = rest.find('>', after), end = rest.find(close, after);
    if (begin == View::npos || end == View::npos || end < begin) return std::nullopt;
    const View inside = rest.substr(begin + 1, end - begin - 1);
    rest.remove_prefix(end + close.size());
    return inside;
  }
  return std::nullopt;
}

std::optional<View> element(View xml, View name) { return next_element(xml, name); }

/// Without "<name>…</name>" and without comments.
std::string without(View xml, View begin, View end) {
  std::string out;
  while (true) {
    const std::size_t from = xml.find(begin), to = xml.find(end, from == View::npos ? from : from + begin.size());
    if (from == View::npos || to == View::npos) return out.append(xml);
    out.append(xml.substr(0, from));
    xml.remove_prefix(to + end.size());
  }
}

std::optional<WrittenBox> box_of(View object, std::string& why) {
  const auto name = element(object, "name"), corners = element(object, "bndbox");
  if (!name || !corners) {
    why = fmt::format("an object has no <{}>", name ? "bndbox" : "name");
    return std::nullopt;
  }
  float v[4];
  const View tags[] = {"xmin", "ymin", "xmax", "ymax"};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto written = element(*corners, tags[i]);
    const auto number = written ? box_number(trim(*written)) : std::nullopt;
    if (!number) {
      why = fmt::format("a box has no number <{}>", tags[i]);
      return std::nullopt;
    }
    v[i] = *number;
  }
  return WrittenBox{v[0], v[1], v[2], v[3], std::string(trim(*name))};
}

constexpr View kAnnotations = "annotations";

bool is_annotation(const std::string& name) {
  return lower(name).ends_with(".xml") && folded(base_of(parent_of(name))) == kAnnotations;
}

class VocReader {
 public:
  VocReader(const FileTree& tree, const LabelOrder& order)
      : tree_(tree), finder_(tree), boxes_("voc", name_of(tree.root()), order) {}

  Listing read() {
    boxes_.listing().label_source = "Annotations/*.xml";
    read_parts();
    std::size_t num_files = 0;
    for (const auto& name : tree_.files()) {
      if (!is_annotation(name)) continue;
      ++num_files;
      boxes_.listing().seen.insert(name);
      read_annotation(name);
    }
    check_input(num_files > 0, tree_.root().string() + ": contains no Annotations/*.xml.",
                "See docs/data-sets.md for the layouts.");
    for (const auto& [stem, part] : parts_)
      if (!read_.contains(stem)) boxes_.findings().defect("missing annotation", part.second + ": " + stem);
    boxes_.findings().set_total("missing picture", num_files);
    return boxes_.take();
  }

 private:
  /// ImageSets/Main/: "folder/name" → its part, and the list it was found in.
  void read_parts() {
    for (const char* list : {"train", "val", "test", "trainval"})
      for (const auto& name : tree_.files()) {
        const std::string folder = parent_of(name);
        if (folded(base_of(name)) != fmt::format("{}.txt", list) || !folded(folder).ends_with("imagesets/main"))
          continue;
        boxes_.listing().seen.insert(name);
        boxes_.listing().has_splits = true;
        const auto part = split_of_word(list).value_or(pack::Split::train);
        for (const auto& line : lines_of(to_utf8(tree_.read(name)).text)) {
          const View stem = trim(line).substr(0, trim(line).find_first_of(" \t"));
          if (!stem.empty()) add_to_part(stem_in(parent_of(parent_of(folder)), stem), part, name);
        }
      }
  }

  void add_to_part(const std::string& stem, pack::Split part, const std::string& list) {
    const auto [at, is_new] = parts_.try_emplace(stem, part, list);
    const bool is_trainval = lower(base_of(list)).starts_with("trainval");
    if (!is_new && at->second.first != part && !is_trainval)
      boxes_.findings().remark("in two parts, the first is taken",
                               fmt::format("{}: {}, {}", stem, at->second.second, list));
  }

  static std::string stem_in(const std::string& folder, View stem) {
    return folder.empty() ? std::string(stem) : fmt::format("{}/{}", folder, stem);
  }

  void read_annotation(const std::string& name) {
    const std::string folder = parent_of(parent_of(name)), base = base_of(name);
    const std::string stem = stem_in(folder, base.substr(0, base.size() - 4));
    read_.insert(stem);
    auto part = pack::Split::train;
    if (boxes_.listing().has_splits) {
      const auto at = parts_.find(stem);
      if (at == parts_.end()) return boxes_.findings().remark("in no list of ImageSets/Main", name);
      part = at->second.first;
    }
    std::string why;
    const auto annotation = parse_voc(to_utf8(tree_.read(name)).text, why);
    if (!annotation) return boxes_.findings().defect("bad annotation", name + ": " + why);
    const std::string pictures = stem_in(folder, "JPEGImages/");
    auto found = finder_.find(pictures + base_of(stem), "");
    if (!found.source && !annotation->picture.empty()) found = finder_.find(pictures + annotation->picture, "");
    if (!found.source)
      return boxes_.findings().defect("missing picture",
                                      fmt::format("{}: no picture {}{}.*", name, pictures, base_of(stem)));
    boxes_.add(name, *found.source, part, annotation->boxes, BoxUnit::pixels);
  }

  const FileTree& tree_;
  PictureFinder finder_;
  BoxListing boxes_;
  std::map<std::string, std::pair<pack::Split, std::string>> parts_;
  std::set<std::string> read_;
};

}  // namespace

std::optional<VocAnnotation> parse_voc(std::string_view xml, std::string& why) {
  const std::string plain = without(without(xml, "<!--", "-->"), "<part>", "</part>");
  const auto annotation = element(plain, "annotation");
  if (!annotation) {
    why = "no whole <annotation>";
    return std::nullopt;
  }
  VocAnnotation out;
  if (const auto picture = element(*annotation, "filename")) out.picture = std::string(trim(*picture));
  View rest = *annotation;
  while (const auto object = next_element(rest, "object")) {
    const auto box = box_of(*object, why);
    if (!box) return std::nullopt;
    out.boxes.push_back(*box);
  }
  if (rest.find("<object>") == View::npos) return out;
  why = "an <object> without its end";
  return std::nullopt;
}

bool looks_like_voc(const FileTree& tree) {
  for (const auto& name : tree.files())
    if (is_annotation(name)) return true;
  return false;
}

Listing read_voc(const FileTree& tree, const LabelOrder& order) { return VocReader(tree, order).read(); }

}  // namespace mien::dataset
