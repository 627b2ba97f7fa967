// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/data_set.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/affectnet.h"
#include "mien/dataset/box_list.h"
#include "mien/dataset/class_folders.h"
#include "mien/dataset/csv_list.h"
#include "mien/dataset/face_boxes.h"
#include "mien/dataset/raf_list.h"
#include "mien/dataset/voc.h"
#include "mien/dataset/yolo.h"

namespace mien::dataset {
namespace fs = std::filesystem;
namespace {

constexpr std::array kLayouts = {Layout::ferplus, Layout::folders, Layout::csv, Layout::affectnet,
                                 Layout::boxes,   Layout::voc,     Layout::yolo};
constexpr std::size_t kListHead = 1 << 14;  // bytes of a list that show whether it contains boxes
constexpr const char* kSeeDocs = "See docs/data-sets.md for the layouts.";

bool is_list_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && has_list_name(path.string());
}

/// Lists of pixels and of votes in the same folder.
struct Fer2013 {
  std::string pixels, votes;
};

class Reader {
 public:
  Reader(const fs::path& path, const ReadOptions& options)
      : path_(path),
        options_(options),
        order_(options.label_order.empty() ? LabelOrder() : LabelOrder::named(options.label_order)) {
    if (options.layout != "auto") layout_ = layout_from(options.layout);
    const bool is_list = is_list_file(path);
    if (is_list) given_list_ = path.filename().string();
    set_.tree = FileTree::open(is_list ? (path.has_parent_path() ? path.parent_path() : fs::path(".")) : path);
  }

  DataSet read() {
    const FileTree& tree = *set_.tree;
    if (const auto joined = joined_rows()) {
      set_.listing = read_ferplus_rows(tree, joined->pixels, joined->votes, options_.ferplus.rule);
    } else {
      if (given_list_ && layout_ != Layout::ferplus) layout_ = layout_of_list();
      if (!layout_) layout_ = detect();
      refuse_foreign_options();
      read_layout();
    }
    check_input(!set_.listing.items.empty(),
                fmt::format("{}: no labelled picture found. {}", path_.string(), set_.listing.findings.first_defect()),
                kSeeDocs);
    remark_on_unused();
    split_listing(set_.listing, options_.shares);
    return std::move(set_);
  }

 private:
  static Layout layout_from(const std::string& name) {
    for (const Layout layout : kLayouts)
      if (name == to_string(layout)) return layout;
    fail_usage(fmt::format("Unknown layout {}.", quote(name)), did_you_mean(name, layout_names()));
  }

  /// fer2013.csv and fer2013new.csv if their rows are to be joined. Never chooses silently between two sources
  /// of labels.
  std::optional<Fer2013> joined_rows() {
    const FileTree& tree = *set_.tree;
    const auto votes = find_vote_list(tree);
    const bool gave_votes = given_list_ && given_list_ == votes;
    if (gave_votes) options_.ferplus.from_fer2013new = true;
    if (gave_votes && looks_like_ferplus(tree)) layout_ = Layout::ferplus;
    const bool may_be = !layout_ || layout_ == Layout::ferplus || options_.votes_are_stated;
    if (!votes || !may_be || looks_like_ferplus(tree)) return std::nullopt;
    const bool gave_another = given_list_ && !gave_votes;
    const auto pixels = gave_another ? given_list_ : find_pixel_list(tree);
    if (!pixels || !is_pixel_list(tree, *pixels)) {
      check_input(
          !gave_votes,
          path_.string() + ": votes without pictures: there is no fer2013.csv and no FER2013Train/ in the same folder.",
          "Put fer2013.csv in the same folder.");
      return std::nullopt;
    }
    const bool wants_votes = options_.votes_are_stated ? options_.ferplus.from_fer2013new : layout_ == Layout::ferplus;
    if (gave_votes || wants_votes) return Fer2013{*pixels, *votes};
    if (gave_another) {
      votes_beside_ = *votes;
      return std::nullopt;
    }
    fail_usage(fmt::format("{}: contains the labels of FER2013 ({}) and FER+'s votes for them ({}).", path_.string(),
                           *pixels, *votes),
               "Choose one: --votes fer2013new.csv joins the votes by row; --layout csv uses FER2013's labels.");
  }

  /// A list of faces, or of pictures with boxes, as requested or as its lines show.
  Layout layout_of_list() const {
    if (layout_ == Layout::voc || layout_ == Layout::yolo)
      fail_usage(fmt::format("{}: a list, and layout {} is a folder.", path_.string(), to_string(*layout_)),
                 "Give the folder.");
    const bool has_boxes =
        layout_ == Layout::boxes || (!layout_ && looks_like_box_list(set_.tree->head(*given_list_, kListHead)));
    return has_boxes ? Layout::boxes : Layout::csv;
  }

  Layout detect() {
    const FileTree& tree = *set_.tree;
    if (looks_like_ferplus(tree)) return Layout::ferplus;
    if (looks_like_affectnet(tree)) return Layout::affectnet;
    if (looks_like_voc(tree)) return Layout::voc;
    if (looks_like_yolo(tree)) return Layout::yolo;
    if (!find_lists(tree).empty()) return Layout::csv;
    if (!find_box_lists(tree).empty()) return Layout::boxes;
    if (looks_like_class_folders(tree, order_)) return Layout::folders;
    const auto pictures = std::count_if(tree.files().begin(), tree.files().end(),
                                        [&](const auto& name) { return tree.is_picture(name); });
    fail_input(fmt::format("{}: no known layout among {} files ({} pictures). Expected FER2013Train/label.csv, "
                           "annotations/*_exp.npy, Annotations/*.xml, labels/*.txt, a list with boxes, a CSV list with "
                           "a picture column and a label column, or folders named after expressions.",
                           tree.root().string(), tree.files().size(), pictures),
               "See docs/data-sets.md. Numbered folders need --label-order.");
  }

  /// An option without effect was meant for another data set.
  void refuse_foreign_options() const {
    if (layout_ == Layout::ferplus && !order_.is_empty())
      fail_usage(path_.string() + " is read by its votes, so --label-order has no effect.", "Remove --label-order.");
    if (layout_ == Layout::ferplus) return;
    const std::string has =
        fmt::format("{} is read in layout {}, which has no votes", path_.string(), to_string(*layout_));
    if (options_.votes_are_stated)
      fail_usage(has + ", so --votes has no effect.",
                 "FER+'s votes need FER2013Train/, FER2013Valid/ and FER2013Test/, or fer2013.csv and fer2013new.csv "
                 "in the same folder.");
    if (options_.rule_is_stated) fail_usage(has + ", so --label-rule has no effect.", "Remove --label-rule.");
  }

  void read_layout() {
    const FileTree& tree = *set_.tree;
    switch (*layout_) {
      case Layout::ferplus:
        set_.listing = read_ferplus(tree, options_.ferplus);
        return;
      case Layout::affectnet:
        check_input(looks_like_affectnet(tree), path_.string() + ": contains no annotations/*_exp.npy next to images/.",
                    kSeeDocs);
        set_.listing = read_affectnet(tree, order_);
        return;
      case Layout::folders:
        set_.listing = read_class_folders(tree, order_);
        return;
      case Layout::voc:
        set_.listing = read_voc(tree, order_);
        return;
      case Layout::yolo:
        set_.listing = read_yolo(tree, order_);
        return;
      case Layout::boxes:
        read_boxes();
        return;
      case Layout::csv:
        break;
    }
    const auto lists = given_list_ ? std::vector<ListFile>{{*given_list_, std::nullopt}} : find_lists(tree);
    check_input(!lists.empty(), path_.string() + ": contains no CSV list with a picture column and a label column.",
                "Give the list directly.");
    set_.listing = read_lists(tree, lists, order_);
    if (!votes_beside_.empty())
      set_.listing.findings.remark(
          "FER+'s votes were found next to FER2013's labels and are not used; --votes fer2013new.csv joins them",
          votes_beside_);
  }

  /// Lists of pictures with boxes; otherwise RAF-DB's boxes, or a table of faces with the columns of a box.
  void read_boxes() {
    const FileTree& tree = *set_.tree;
    std::vector<ListFile> lists;
    if (!given_list_)
      lists = find_box_lists(tree);
    else if (looks_like_box_list(tree.head(*given_list_, kListHead)))
      lists = {{*given_list_, split_in_name(*given_list_)}};
    if (!lists.empty()) {
      set_.listing = read_box_lists(tree, lists, order_);
      return;
    }
    lists = given_list_ ? std::vector<ListFile>{{*given_list_, std::nullopt}} : find_lists(tree);
    check_input(!lists.empty(), path_.string() + ": contains no list with boxes.", kSeeDocs);
    if (is_raf_list(lists.front().name))
      set_.listing = read_raf_boxes(tree, lists.front().name, order_);
    else
      set_.listing = boxes_of_faces(read_lists(tree, lists, order_));
  }

  /// All files of the data set. For a list, only the folders with its pictures: other files may surround it.
  void remark_on_unused() {
    Listing& listing = set_.listing;
    for (const auto& item : listing.items) listing.seen.insert(item.sample.source);
    std::set<std::string> folders;
    for (const auto& name : listing.seen) folders.insert(parent_of(name));
    for (const auto& name : set_.tree->files()) {
      if (listing.seen.contains(name) ||
          (given_list_ && (!folders.contains(parent_of(name)) || parent_of(name).empty())))
        continue;
      const image::ContentKind& kind = set_.tree->kind_of(name);
      const bool is_picture = kind.content == image::Content::picture;
      listing.findings.remark(is_picture ? "picture without a label" : "not used: " + kind.words, name);
    }
    if (given_list_) return;
    for (const auto& [name, kind] : set_.tree->passed_over()) listing.findings.remark("not used: " + kind, name);
  }

  fs::path path_;
  ReadOptions options_;
  LabelOrder order_;
  std::optional<Layout> layout_;
  std::optional<std::string> given_list_;
  std::string votes_beside_;
  DataSet set_;
};

}  // namespace

std::string_view to_string(Layout layout) {
  switch (layout) {
    case Layout::ferplus:
      return "ferplus";
    case Layout::folders:
      return "folders";
    case Layout::csv:
      return "csv";
    case Layout::affectnet:
      return "affectnet";
    case Layout::boxes:
      return "boxes";
    case Layout::voc:
      return "voc";
    case Layout::yolo:
      return "yolo";
  }
  return "csv";
}

std::vector<std::string> layout_names() {
  std::vector<std::string> names = {"auto"};
  for (const Layout layout : kLayouts) names.emplace_back(to_string(layout));
  return names;
}

DataSet read_data_set(const fs::path& path, const ReadOptions& options) { return Reader(path, options).read(); }

}  // namespace mien::dataset
