// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/csv_list.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/class_folders.h"

namespace mien::dataset {
namespace {

constexpr std::size_t kNumPixels = 48 * 48;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// Where the header puts what; kNone where it has no such column.
struct Columns {
  std::size_t count = 0;
  std::size_t picture = kNone, pixels = kNone, label = kNone, split = kNone, subject = kNone;
  std::array<std::size_t, 4> box;
  std::array<std::size_t, face::kNumExpressions> distribution;
  bool is_muxspace = false;

  bool has_picture() const { return picture != kNone || pixels != kNone; }
  bool has_distribution() const { return std::count(distribution.begin(), distribution.end(), kNone) == 0; }
  bool has_label() const { return label != kNone || has_distribution(); }
  bool has_box() const { return std::count(box.begin(), box.end(), kNone) == 0; }
};

Columns columns_of(const std::string& header) {
  std::vector<std::string> names;
  for (const auto& cell : csv_split(header)) names.push_back(lower(cell));
  const auto find = [&](std::initializer_list<std::string_view> wanted) {
    for (const auto name : wanted)
      if (const auto it = std::find(names.begin(), names.end(), name); it != names.end())
        return static_cast<std::size_t>(it - names.begin());
    return kNone;
  };
  Columns c;
  c.count = names.size();
  c.picture = find({"path", "image", "file", "filename", "img_path"});
  c.pixels = find({"pixels"});
  c.label = find({"label", "emotion", "expression"});
  c.split = find({"split", "usage", "phase"});
  c.subject = find({"subject"});
  c.box = {find({"x"}), find({"y"}), find({"w"}), find({"h"})};
  for (std::size_t k = 0; k < face::kNumExpressions; ++k) c.distribution[k] = find({face::expression_names()[k]});
  c.is_muxspace = find({"user.id"}) != kNone;
  return c;
}

bool is_text_list(std::string_view name) { return lower(name).ends_with(".txt") || lower(name).ends_with(".lst"); }

/// "George_W_Bush_0012.jpg" → "George_W_Bush": pictures of one person stay on one side of a split.
std::string group_of(const std::string& name) {
  const std::string stem = base_of(name).substr(0, base_of(name).rfind('.'));
  const auto end = stem.find_last_not_of("0123456789");
  return end == std::string::npos || end + 1 == stem.size() || stem[end] != '_' ? std::string() : stem.substr(0, end);
}

/// RAF-DB's own list: "train_00001.jpg 5", the pictures beside it in Image/aligned/train_00001_aligned.jpg.
constexpr std::string_view kRafList = "list_patition_label.txt";
constexpr std::string_view kRafPictures = "Image/aligned/";

class ListReader {
 public:
  ListReader(const FileTree& tree, std::string list, LabelOrder order)
      : tree_(tree), list_(std::move(list)), order_(std::move(order)), is_raf_(base_of(list_) == kRafList) {}

  Listing read() {
    const auto lines = lines_of(tree_.read(list_));
    const bool with_header = !is_text_list(list_);
    check_input(!lines.empty(), tree_.describe(list_) + ": is empty.");
    listing_.layout = "csv";
    listing_.data_set = tree_.root().stem().string();
    listing_.label_source = list_;
    if (with_header) read_header(lines[0]);
    if (is_raf_) begin_raf();
    listing_.mapping = order_.describe();
    std::size_t num_rows = 0;
    for (std::size_t i = with_header ? 1 : 0; i < lines.size(); ++i) {
      if (trim(lines[i]).empty()) continue;
      where_ = text(list_, " line ", i + 1);
      with_header ? read_row(csv_split(lines[i])) : read_text_row(std::string(trim(lines[i])));
      ++num_rows;
    }
    listing_.findings.set_total("missing picture", num_rows);
    drop_conflicts();
    return std::move(listing_);
  }

 private:
  void read_header(const std::string& line) {
    columns_ = columns_of(line);
    check_input(columns_.has_picture(),
                text(tree_.describe(list_), " line 1: no column path, image, file, filename, img_path or pixels in ",
                     quote(line.substr(0, 80)), "."),
                "Name the columns in the first line.");
    check_input(columns_.has_label(), tree_.describe(list_) + ": has no column label, emotion or expression.",
                "Without labels it can be neither trained on nor evaluated; 'mien predict' needs none.");
    listing_.has_splits = columns_.split != kNone;
    if (columns_.is_muxspace) {
      listing_.data_set = "facial_expressions";
      listing_.licence = "Apache-2.0";
      listing_.pictures_may_be_shown = true;
    }
    // Pixels inside the list are FER2013's own form, and so are its numbers.
    if (columns_.pixels != kNone && order_.is_empty()) order_ = LabelOrder::named("fer2013");
  }

  void begin_raf() {
    listing_.data_set = "RAF-DB";
    listing_.has_splits = true;
    if (order_.is_empty()) order_ = LabelOrder::named("raf");
    const bool has_pictures = std::any_of(tree_.files().begin(), tree_.files().end(), [](const auto& name) {
      return name.find(kRafPictures) != std::string::npos;
    });
    check_input(has_pictures,
                text(tree_.describe(list_), ": RAF-DB's list without its pictures: no folder ", kRafPictures,
                     " with train_00001_aligned.jpg and so on."),
                "Unpack aligned.zip, so that Image/ lies beside EmoLabel/, and give the folder that holds both.");
  }

  void read_text_row(const std::string& line) {
    const auto gap = line.find_last_of(" \t");
    if (gap == std::string::npos)
      return listing_.findings.defect("bad line",
                                      text(where_, ": expected 'path label', found ", quote(line.substr(0, 60))));
    const auto split = is_raf_ && line.starts_with("test_") ? pack::Split::test : pack::Split::train;
    add(single_label(split, face::Expression::neutral, ""), std::string(trim(line.substr(0, gap))),
        line.substr(gap + 1), {});
  }

  void read_row(const std::vector<std::string>& cells) {
    if (cells.size() != columns_.count)
      return listing_.findings.defect("bad line",
                                      text(where_, ": ", cells.size(), " fields, the header has ", columns_.count));
    pack::Sample sample;
    if (columns_.split != kNone) {
      const auto split = split_of_word(cells[columns_.split]);
      if (!split) return listing_.findings.defect("unknown split", text(where_, ": ", quote(cells[columns_.split])));
      sample.split = *split;
    }
    const std::string picture = columns_.picture == kNone ? std::string() : cells[columns_.picture];
    if (columns_.subject != kNone)
      sample.subject = cells[columns_.subject];
    else if (columns_.is_muxspace)
      sample.subject = group_of(picture);
    add(std::move(sample), picture, columns_.label == kNone ? std::string() : cells[columns_.label], cells);
  }

  void add(pack::Sample sample, const std::string& picture, const std::string& label,
           const std::vector<std::string>& cells) {
    Item item;
    if (!read_label(sample, label, cells) || !read_box(item, cells)) return;
    if (picture.empty() ? !read_pixels(item, cells) : !find_picture(sample, picture)) return;
    if (sample.source.empty()) sample.source = where_;
    item.sample = std::move(sample);
    const auto [first, is_new] = position_.try_emplace(item.sample.source, listing_.items.size());
    if (is_new) return listing_.items.push_back(std::move(item));
    const bool same = listing_.items[first->second].sample.label == item.sample.label;
    if (!same) conflicts_.push_back(first->second);
    listing_.findings.remark(same ? "repeated entry" : "repeated with another label, left out",
                             where_ + ": " + item.sample.source);
  }

  bool read_label(pack::Sample& sample, const std::string& label, const std::vector<std::string>& cells) {
    if (!cells.empty() && columns_.has_distribution() && !read_distribution(sample, cells)) return false;
    if (!cells.empty() && columns_.label == kNone) return true;
    const auto known = order_.label_of(label);
    if (known.kind == LabelOrder::Kind::unmapped) {
      const bool number = parse_int(label).has_value();
      listing_.findings.defect("unmapped label",
                               text(where_, ": ", quote(label), number ? " (numbers need --label-order)" : ""));
      return false;
    }
    if (known.kind == LabelOrder::Kind::not_a_class) {
      listing_.findings.remark("left out by the label order", text(where_, ": ", label));
      return false;
    }
    sample.label = static_cast<int>(known.expression);
    auto& own_share = sample.distribution[static_cast<std::size_t>(known.expression)];
    if (cells.empty() || !columns_.has_distribution() || own_share <= 0)
      sample.distribution = single_label({}, known.expression, "").distribution;
    return true;
  }

  bool read_distribution(pack::Sample& sample, const std::vector<std::string>& cells) {
    double sum = 0;
    std::array<double, face::kNumExpressions> shares{};
    for (std::size_t k = 0; k < shares.size(); ++k) {
      const auto share = parse_double(cells[columns_.distribution[k]]);
      shares[k] = share && *share >= 0 && *share < 1e9 ? *share : -1;
      sum = shares[k] < 0 || sum < 0 ? -1 : sum + shares[k];
    }
    if (sum <= 0) {
      listing_.findings.defect("bad line", where_ + ": the eight shares are not numbers from 0 up with a sum above 0");
      return false;
    }
    for (std::size_t k = 0; k < shares.size(); ++k) sample.distribution[k] = static_cast<float>(shares[k] / sum);
    sample.label = static_cast<int>(std::max_element(shares.begin(), shares.end()) - shares.begin());
    return true;
  }

  bool read_box(Item& item, const std::vector<std::string>& cells) {
    if (cells.empty() || !columns_.has_box()) return true;
    std::array<float, 4> v{};
    for (std::size_t i = 0; i < 4; ++i) {
      const auto number = parse_double(cells[columns_.box[i]]);
      if (!number || !(std::abs(*number) < 1e6) || (i >= 2 && *number <= 0)) {
        listing_.findings.defect("bad line", where_ + ": x, y, w, h are not a box");
        return false;
      }
      v[i] = static_cast<float>(*number);
    }
    item.box = face::Box{v[0], v[1], v[2], v[3]};
    return true;
  }

  bool read_pixels(Item& item, const std::vector<std::string>& cells) {
    const auto bad = [&](const std::string& why) {
      listing_.findings.defect("bad line", where_ + ": " + why);
      return false;
    };
    if (cells.empty() || columns_.pixels == kNone) return bad("no picture is named");
    for (const auto& word : split(cells[columns_.pixels], ' ')) {
      if (word.empty()) continue;
      const auto value = parse_int(word);
      if (!value || *value < 0 || *value > 255)
        return bad(text("pixel ", quote(word.substr(0, 20)), " is not 0 to 255"));
      item.inline_pixels.push_back(static_cast<std::uint8_t>(*value));
    }
    if (item.inline_pixels.size() != kNumPixels)
      return bad(text(item.inline_pixels.size(), " pixels, expected ", kNumPixels));
    return true;
  }

  bool find_picture(pack::Sample& sample, const std::string& named) {
    const auto dot = named.rfind('.');
    const std::string picture =
        is_raf_ && dot != std::string::npos ? named.substr(0, dot) + "_aligned" + named.substr(dot) : named;
    const std::string folder = parent_of(list_), up = parent_of(folder);
    for (const auto& base : {folder, up, std::string()})
      for (const char* images : {"", "images/", kRafPictures.data()}) {
        const auto stored = tree_.find_loosely((base.empty() ? "" : base + "/") + images + picture);
        if (!stored) continue;
        sample.source = *stored;
        return true;
      }
    listing_.findings.defect("missing picture", where_ + ": " + picture);
    return false;
  }

  /// Pictures that the list gives two labels: neither is taken.
  void drop_conflicts() {
    std::sort(conflicts_.begin(), conflicts_.end());
    conflicts_.erase(std::unique(conflicts_.begin(), conflicts_.end()), conflicts_.end());
    for (auto it = conflicts_.rbegin(); it != conflicts_.rend(); ++it)
      listing_.items.erase(listing_.items.begin() + static_cast<std::ptrdiff_t>(*it));
  }

  const FileTree& tree_;
  std::string list_;
  LabelOrder order_;
  bool is_raf_;
  Columns columns_;
  std::string where_;
  Listing listing_;
  std::map<std::string, std::size_t> position_;
  std::vector<std::size_t> conflicts_;
};

}  // namespace

std::optional<std::string> find_list(const FileTree& tree) {
  std::vector<std::string> fitting, unlabelled;
  for (const auto& name : tree.files()) {
    if (base_of(name) == kRafList) return name;
    if (!lower(name).ends_with(".csv")) continue;
    const auto lines = lines_of(tree.read(name).substr(0, 4096));
    if (lines.empty()) continue;
    const Columns columns = columns_of(lines[0]);
    if (columns.has_picture()) (columns.has_label() ? fitting : unlabelled).push_back(name);
  }
  check_input(fitting.size() <= 1, text(tree.root().string(), ": holds several lists: ", join(fitting, ", "), "."),
              "Give the list itself.");
  check_input(!fitting.empty() || unlabelled.empty(),
              text(tree.root().string(), ": ", join(unlabelled, ", "), " has no column label, emotion or expression."),
              "Without labels it can be neither trained on nor evaluated; 'mien predict' needs none.");
  return fitting.empty() ? std::nullopt : std::optional(fitting.front());
}

Listing read_list(const FileTree& tree, const std::string& list, const LabelOrder& order) {
  return ListReader(tree, list, order).read();
}

}  // namespace mien::dataset
