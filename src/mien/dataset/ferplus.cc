// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/ferplus.h"

#include <map>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/image/image.h"

namespace mien::dataset {
namespace {

using pack::Split;

struct Part {
  Split split;
  const char* folder;
  const char* usage;  ///< name of the split in fer2013new.csv
};
constexpr Part kParts[] = {{Split::train, "FER2013Train", "training"},
                           {Split::valid, "FER2013Valid", "publictest"},
                           {Split::test, "FER2013Test", "privatetest"}};

/// The stored folder of a part ("data/FER2013Train"), by its first file; the bare name where there is none.
std::string find_folder(const FileTree& tree, const std::string& folder) {
  for (const auto& name : tree.files())
    if (const std::string parent = parent_of(name); lower(base_of(parent)) == lower(folder)) return parent;
  return folder;
}

std::optional<ColumnVotes> votes_from(const std::vector<std::string>& cells) {
  if (cells.size() != 12) return std::nullopt;
  ColumnVotes votes{};
  for (std::size_t i = 0; i < votes.size(); ++i) {
    const auto count = parse_int(cells[2 + i]);
    if (!count || *count < 0 || *count > 100) return std::nullopt;
    votes[i] = static_cast<std::uint8_t>(*count);
  }
  return votes;
}

/// Collects rows; a name that comes again replaces its earlier row, as it does when pictures are exported by name.
class Collector {
 public:
  Collector(const FileTree& tree, LabelRule rule, Listing& listing) : tree_(tree), rule_(rule), listing_(listing) {}

  void add(Split split, const std::string& picture, const ColumnVotes& votes) {
    const auto stored = tree_.find_loosely(picture);
    if (!stored) return listing_.findings.defect("missing picture", picture);
    const auto [known, is_new] = position_.try_emplace(*stored, rows_.size());
    if (is_new) return rows_.push_back({split, *stored, votes});
    listing_.findings.remark("repeated name, the later row counts", *stored);
    rows_[known->second] = {split, *stored, votes};
  }

  void finish() {
    for (const Row& row : rows_) {
      const RuleResult result = apply_rule(rule_, row.votes);
      if (result.kept)
        keep(row, *result.kept);
      else
        listing_.findings.remark(result.reason == LeftOut::unknown ? "left out by the label rule: unknown"
                                                                   : "left out by the label rule: no face",
                                 row.picture);
    }
    for (const auto& name : tree_.files())
      if (image::has_image_name(name) && !position_.contains(name))
        listing_.findings.remark("picture without a label", name);
  }

 private:
  struct Row {
    Split split;
    std::string picture;
    ColumnVotes votes;
  };

  void keep(const Row& row, const LabelledVotes& labelled) {
    Item item;
    item.sample = single_label(row.split, static_cast<face::Expression>(labelled.label), row.picture);
    item.sample.distribution = labelled.distribution;
    item.sample.votes = canonical(row.votes);
    item.sample.has_votes = true;
    listing_.items.push_back(std::move(item));
  }

  const FileTree& tree_;
  LabelRule rule_;
  Listing& listing_;
  std::vector<Row> rows_;
  std::map<std::string, std::size_t> position_;
};

/// name, quoted face box, ten votes; no header.
void read_label_csv(const FileTree& tree, const Part& part, const std::string& folder, Collector& out,
                    Findings& findings) {
  const auto file = tree.find_loosely(folder + "/label.csv");
  if (!file) return findings.defect("missing part", folder + "/label.csv");
  std::size_t number = 0;
  for (const auto& line : lines_of(tree.read(*file))) {
    ++number;
    if (trim(line).empty()) continue;
    const auto cells = csv_split(line);
    if (const auto votes = votes_from(cells))
      out.add(part.split, folder + "/" + cells[0], *votes);
    else
      findings.defect("bad line", text(*file, " line ", number, ": expected name, box and ten votes, found ",
                                       quote(line.substr(0, 60))));
  }
}

/// Usage, Image name, ten votes; with a header. Joined by the name, which is the name of the exported picture.
void read_fer2013new(const FileTree& tree, const std::map<std::string, std::pair<Split, std::string>>& folder_of_usage,
                     Collector& out, Findings& findings) {
  std::optional<std::string> file;
  for (const auto& name : tree.files())
    if (lower(base_of(name)) == "fer2013new.csv") file = name;
  check_input(file.has_value(), text(tree.root().string(), ": holds no fer2013new.csv."),
              "Put it there, or use --votes label.csv.");
  const auto lines = lines_of(tree.read(*file));
  check_input(!lines.empty() && lower(lines[0]).starts_with("usage,"),
              tree.describe(*file) + ": line 1 is not the header of fer2013new.csv.");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (trim(lines[i]).empty()) continue;
    const auto cells = csv_split(lines[i]);
    const auto votes = votes_from(cells);
    const auto part = folder_of_usage.find(lower(cells[0]));
    if (!votes || part == folder_of_usage.end())
      findings.defect("bad line", text(*file, " line ", i + 1, ": ", quote(lines[i].substr(0, 60))));
    else if (cells[1].empty())
      findings.remark("row without a picture (no face)", text(*file, " line ", i + 1));
    else
      out.add(part->second.first, part->second.second + "/" + cells[1], *votes);
  }
}

/// Published sizes by canonical class. Source: recount of the makers' files; see docs/data-sets.md.
std::map<Split, ClassCounts> official_counts(const FerplusOptions& options) {
  if (options.rule != LabelRule::majority) return {};
  if (options.from_fer2013new)
    return {{Split::train, {8740, 7287, 3014, 3149, 532, 119, 2100, 119}},
            {Split::valid, {1182, 865, 351, 415, 62, 24, 287, 13}},
            {Split::test, {1090, 893, 384, 396, 83, 18, 273, 16}}};
  return {{Split::train, {8733, 7284, 3022, 3136, 536, 116, 2098, 120}},
          {Split::valid, {1180, 862, 348, 411, 60, 25, 289, 16}},
          {Split::test, {1083, 892, 382, 394, 86, 16, 269, 15}}};
}

}  // namespace

bool looks_like_ferplus(const FileTree& tree) {
  for (const Part& part : kParts)
    if (tree.find_loosely(find_folder(tree, part.folder) + "/label.csv")) return true;
  return false;
}

Listing read_ferplus(const FileTree& tree, const FerplusOptions& options) {
  Listing listing;
  listing.layout = "ferplus";
  listing.data_set = "FER+";
  listing.label_rule = to_string(options.rule);
  listing.label_source = options.from_fer2013new ? "fer2013new.csv" : "label.csv";
  listing.licence = "labels MIT; pictures gathered from the web, for research";
  listing.has_splits = true;
  listing.official = official_counts(options);
  Collector out(tree, options.rule, listing);
  std::map<std::string, std::pair<Split, std::string>> folder_of_usage;
  for (const Part& part : kParts) {
    const std::string folder = find_folder(tree, part.folder);
    folder_of_usage[part.usage] = {part.split, folder};
    if (!options.from_fer2013new) read_label_csv(tree, part, folder, out, listing.findings);
  }
  if (options.from_fer2013new) read_fer2013new(tree, folder_of_usage, out, listing.findings);
  out.finish();
  return listing;
}

}  // namespace mien::dataset
