// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/csv_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "mien/base/csv.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/affectnet.h"
#include "mien/dataset/class_folders.h"
#include "mien/dataset/picture_finder.h"
#include "mien/dataset/raf_list.h"
#include "mien/dataset/table.h"

namespace mien::dataset {
namespace {

using Cells = std::vector<std::string>;

/// "George_W_Bush_0012.jpg" → "George_W_Bush": pictures of one person stay on one side of a split.
std::string group_of(const std::string& name) {
  const std::string stem = base_of(name).substr(0, base_of(name).rfind('.'));
  const auto end = stem.find_last_not_of("0123456789");
  return end == std::string::npos || end + 1 == stem.size() || stem[end] != '_' ? std::string() : stem.substr(0, end);
}

/// A list in memory, and its form.
struct OpenList {
  ListFile file;
  std::string content;  ///< UTF-8
  TextEncoding encoding = TextEncoding::utf8;
  TableForm form;
  bool is_raf = false;
};

OpenList open_list(const FileTree& tree, const ListFile& file) {
  auto [content, encoding] = to_utf8(tree.read(file.name));
  check_input(!content.starts_with("PK\x03\x04"),
              tree.describe(file.name) + ": a zip archive or a spreadsheet workbook, not a list.",
              "Save the table as CSV.");
  check_input(!trim(content).empty(), tree.describe(file.name) + ": is empty.");
  OpenList list{file, std::move(content), encoding, {}, is_raf_list(file.name)};
  const std::string folded = lower(file.name);
  list.form = form_of(list.content, folded.ends_with(".txt") || folded.ends_with(".lst"));
  if (list.is_raf) list.form.kind = TableForm::Kind::words;
  return list;
}

/// The rows of a list: its cells, or path and label of a line "path label".
template <typename Visit>
void for_each_row(const OpenList& list, const Visit& visit) {
  if (list.form.kind == TableForm::Kind::words) {
    std::size_t line = 0;
    for (const auto& stored : lines_of(list.content)) {
      ++line;
      const std::string_view words = trim(stored);
      if (words.empty()) continue;
      const auto gap = words.find_last_of(" \t");
      const bool has_both = gap != std::string_view::npos;
      visit(line, has_both ? Cells{std::string(trim(words.substr(0, gap))), std::string(words.substr(gap + 1))}
                           : Cells{std::string(words)});
    }
    return;
  }
  CsvReader reader(list.content, list.form.separator);
  if (list.form.kind == TableForm::Kind::table) reader.next();
  while (auto row = reader.next()) visit(row->line, std::move(row->cells));
}

class ListReader {
 public:
  ListReader(const FileTree& tree, const LabelOrder& order) : tree_(tree), order_(order), finder_(tree) {}

  Listing read(const std::vector<ListFile>& files) {
    listing_.layout = "csv";
    listing_.data_set = name_of(tree_.root());
    std::vector<OpenList> lists;
    Cells names;
    for (const auto& file : files) {
      lists.push_back(open_list(tree_, file));
      names.push_back(file.name);
      listing_.seen.insert(file.name);
      begin(lists.back());
    }
    listing_.label_source = join(names, ", ");
    listing_.mapping = order_.describe();
    std::size_t num_rows = 0;
    for (const OpenList& list : lists) num_rows += read_rows(list);
    listing_.findings.set_total("missing picture", num_rows);
    drop_conflicts();
    add_classes_that_occur(listing_);
    return std::move(listing_);
  }

 private:
  void begin(const OpenList& list) {
    const Columns& columns = list.form.columns;
    if (list.encoding != TextEncoding::utf8)
      listing_.findings.remark(fmt::format("list read as {}", to_string(list.encoding)), list.file.name);
    if (list.is_raf || looks_like_raf(tree_)) return begin_known("RAF-DB", "raf", 7);
    if (list.form.kind == TableForm::Kind::words) return;
    const std::string first = list.content.substr(0, std::min<std::size_t>(80, list.content.find_first_of("\r\n")));
    check_input(columns.has_picture(),
                fmt::format("{} line 1: no column path, image, file, filename, image_name or pixels in {}.",
                            tree_.describe(list.file.name), quote(first)),
                "Add a header line with the names of the columns.");
    check_input(columns.has_label(), tree_.describe(list.file.name) + ": has no column label, emotion or expression.",
                "Training and evaluation need labels; 'mien predict' does not.");
    switch (columns.known) {
      case KnownTable::none:
        return;
      case KnownTable::fer2013:  // a list with pixels is FER2013's own form, with its class numbers
        return begin_known(listing_.data_set, "fer2013", 7);
      case KnownTable::muxspace:
        listing_.licence = "Apache-2.0";
        listing_.pictures_may_be_shown = true;
        return begin_known("facial_expressions", "", 8);
      case KnownTable::affectnet:
        return begin_known("AffectNet", "affectnet", 8);
    }
  }

  void begin_known(const std::string& data_set, const std::string& order, std::size_t num_classes) {
    listing_.data_set = data_set;
    set_own_classes(listing_, num_classes);
    if (order_.is_empty() && !order.empty()) order_ = LabelOrder::named(order);
  }

  std::size_t read_rows(const OpenList& list) {
    list_ = list.file.name;
    is_raf_list_ = list.is_raf;
    columns_ = list.form.columns;
    const bool is_words = list.form.kind == TableForm::Kind::words;
    if (is_words) {
      columns_ = columns_of({"path", "label"});
      if (is_raf_list_) check_raf_pictures(tree_, list_);
    }
    split_of_list_ = list.file.split;
    if (columns_.known == KnownTable::affectnet) split_of_list_ = split_in_name(base_of(list_));
    if (columns_.known == KnownTable::affectnet && split_of_list_ == pack::Split::valid) {
      split_of_list_ = pack::Split::test;  // papers report on it; AffectNet's test part was never published
      remark_on_validation(listing_, list_);
    }
    learn_columns(list);
    std::size_t num_rows = 0;
    for_each_row(list, [&](std::size_t line, const Cells& cells) {
      where_ = fmt::format("{} line {}", list_, line);
      ++num_rows;
      if (is_words && cells.size() != 2)
        listing_.findings.defect(
            "bad line", fmt::format("{}: expected 'path label', found {}", where_, quote(cells[0].substr(0, 60))));
      else
        read_row(cells);
    });
    return num_rows;
  }

  /// Facts that only the rows show: which columns contain labels and parts, and how the list's paths begin.
  void learn_columns(const OpenList& list) {
    Cells pictures;
    bool is_first = true;
    for_each_row(list, [&](std::size_t, const Cells& cells) {
      if (cells.size() != columns_.count) return;
      if (is_first) {
        columns_.label = choose_label(columns_, cells, order_);
        if (columns_.split != kNoColumn && !split_of_word(cells[columns_.split]) && !columns_.split_is_certain)
          columns_.split = kNoColumn;
      }
      is_first = false;
      if (columns_.picture != kNoColumn && !is_raf_list_) pictures.push_back(cells[columns_.picture]);
    });
    const bool is_raf = looks_like_raf(tree_);
    listing_.has_splits =
        listing_.has_splits || columns_.split != kNoColumn || split_of_list_ || is_raf_list_ || is_raf;
    const std::string prefix = finder_.learn_prefix(pictures, list_);
    if (!prefix.empty())
      listing_.findings.remark(fmt::format("paths of the list read without their prefix {}", quote(prefix)), list_);
  }

  void read_row(const Cells& cells) {
    if (cells.size() != columns_.count)
      return listing_.findings.defect(
          "bad line", fmt::format("{}: {} fields, the header has {}", where_, cells.size(), columns_.count));
    pack::Sample sample;
    const std::string picture = columns_.picture == kNoColumn ? std::string() : cells[columns_.picture];
    sample.split = split_of_list_.value_or(pack::Split::train);
    if (is_raf_list_ && picture.starts_with("test_")) sample.split = pack::Split::test;
    if (columns_.split != kNoColumn) {
      const auto split = split_of_word(cells[columns_.split]);
      if (!split)
        return listing_.findings.defect("unknown split", fmt::format("{}: {}", where_, quote(cells[columns_.split])));
      sample.split = *split;
    }
    if (columns_.subject != kNoColumn)
      sample.subject = cells[columns_.subject];
    else if (columns_.known == KnownTable::muxspace)
      sample.subject = group_of(picture);
    add(std::move(sample), picture, cells);
  }

  void add(pack::Sample sample, const std::string& picture, const Cells& cells) {
    Item item;
    if (!read_label(sample, cells) || !read_box(item, cells)) return;
    if (picture.empty() ? !read_pixels(item, cells) : !find_picture(sample, picture)) return;
    if (sample.source.empty()) sample.source = where_;
    remark_on_folder(sample);
    item.sample = std::move(sample);
    const auto& box = item.box;
    const auto key =
        fmt::format("{}\n{}", item.sample.source,
                    box ? fmt::format("{:g} {:g} {:g} {:g}", box->x, box->y, box->width, box->height) : "");
    const auto [first, is_new] = position_.try_emplace(key, listing_.items.size());
    if (is_new) return listing_.items.push_back(std::move(item));
    const bool same = listing_.items[first->second].sample.label == item.sample.label;
    if (!same) conflicts_.insert(first->second);
    listing_.findings.remark(same ? "repeated entry" : "repeated with another label, left out",
                             where_ + ": " + item.sample.source);
  }

  /// A picture in a folder that names another class: one of the two is wrong, or the list is of another source.
  void remark_on_folder(const pack::Sample& sample) {
    const auto of_folder = face::expression_from(base_of(parent_of(sample.source)));
    if (of_folder && static_cast<int>(*of_folder) != sample.label)
      listing_.findings.remark("label of the list used, although the folder has another class",
                               where_ + ": " + sample.source);
  }

  bool read_label(pack::Sample& sample, const Cells& cells) {
    if (columns_.has_distribution() && !read_distribution(sample, cells)) return false;
    if (columns_.label == kNoColumn) return true;
    const std::string& label = cells[columns_.label];
    const auto known = order_.label_of(label);
    if (known.kind == LabelOrder::Kind::unmapped) {
      const bool needs_order = LabelOrder::is_number(label) && order_.is_empty();
      listing_.findings.defect("unmapped label", fmt::format("{}: {}{}", where_, quote(label),
                                                             needs_order ? " (numbers need --label-order)" : ""));
      return false;
    }
    if (known.kind == LabelOrder::Kind::not_a_class) {
      listing_.findings.remark("left out by the label order", fmt::format("{}: {}", where_, label));
      return false;
    }
    sample.label = static_cast<int>(known.expression);
    const auto& own_share = sample.distribution[static_cast<std::size_t>(known.expression)];
    if (!columns_.has_distribution() || own_share <= 0)
      sample.distribution = single_label({}, known.expression, "").distribution;
    return true;
  }

  bool read_distribution(pack::Sample& sample, const Cells& cells) {
    const auto shares = parse_shares(columns_, cells);
    if (!shares) {
      listing_.findings.defect("bad line",
                               where_ + ": the shares of the classes are not numbers of at least 0 with a sum above 0");
      return false;
    }
    sample.distribution = *shares;
    sample.label = static_cast<int>(std::max_element(shares->begin(), shares->end()) - shares->begin());
    return true;
  }

  bool read_box(Item& item, const Cells& cells) {
    if (!columns_.has_box()) return true;
    item.box = parse_box(columns_, cells);
    if (!item.box || item.box->width > 0) return true;
    listing_.findings.defect("bad line", where_ + ": the columns of the face box contain no box");
    return false;
  }

  bool read_pixels(Item& item, const Cells& cells) {
    std::string why = "no picture is named";
    auto pixels = columns_.pixels == kNoColumn ? std::nullopt : parse_pixels(cells[columns_.pixels], why);
    if (pixels)
      item.inline_pixels = std::move(*pixels);
    else
      listing_.findings.defect("bad line", where_ + ": " + why);
    return !item.inline_pixels.empty();
  }

  bool find_picture(pack::Sample& sample, const std::string& listed) {
    // If several pictures have the name, the row means the one in the folder of its part and class.
    const auto fits = [&](const std::string& file) {
      const std::string folder = parent_of(file);
      const auto label = order_.label_of(base_of(folder));
      const bool same_class =
          label.kind == LabelOrder::Kind::expression && static_cast<int>(label.expression) == sample.label;
      return same_class && split_of_word(base_of(parent_of(folder))).value_or(sample.split) == sample.split;
    };
    const std::string name = is_raf_list_ ? raf_picture(listed) : listed;
    const auto found = finder_.find(name, list_, fits);
    if (!found.source) {
      listing_.findings.defect(
          "missing picture",
          fmt::format("{}: {}{}", where_, name, found.why.empty() ? "" : fmt::format(" ({})", found.why)));
      return false;
    }
    sample.source = *found.source;
    listing_.seen.insert(*found.source);
    return true;
  }

  /// Pictures with two labels in the list: neither label is used.
  void drop_conflicts() {
    for (auto it = conflicts_.rbegin(); it != conflicts_.rend(); ++it)
      listing_.items.erase(listing_.items.begin() + static_cast<std::ptrdiff_t>(*it));
  }

  const FileTree& tree_;
  LabelOrder order_;
  PictureFinder finder_;
  std::string list_, where_;
  std::optional<pack::Split> split_of_list_;
  bool is_raf_list_ = false;
  Columns columns_;
  Listing listing_;
  std::map<std::string, std::size_t> position_;
  std::set<std::size_t> conflicts_;
};

}  // namespace

Listing read_lists(const FileTree& tree, const std::vector<ListFile>& lists, const LabelOrder& order) {
  return ListReader(tree, order).read(lists);
}

}  // namespace mien::dataset
