// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/ferplus.h"

#include <fmt/core.h>

#include <map>
#include <set>

#include "mien/base/csv.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/csv_list.h"
#include "mien/dataset/table.h"

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

/// The stored folder of a part ("data/FER2013Train"), by its first file; the plain name if there is none.
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

/// The sample that the votes make under the rule, or a remark that it is left out; null if it is.
Item* add_voted(Listing& listing, LabelRule rule, Split split, const std::string& source, const ColumnVotes& votes) {
  const RuleResult result = apply_rule(rule, votes);
  if (!result.kept) {
    listing.findings.remark(result.reason == LeftOut::unknown ? "left out by the label rule: unknown"
                                                              : "left out by the label rule: no face",
                            source);
    return nullptr;
  }
  Item item;
  item.sample = single_label(split, static_cast<face::Expression>(result.kept->label), source);
  item.sample.distribution = result.kept->distribution;
  item.sample.votes = canonical(votes);
  item.sample.has_votes = true;
  listing.items.push_back(std::move(item));
  return &listing.items.back();
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
    for (const Row& row : rows_) add_voted(listing_, rule_, row.split, row.picture, row.votes);
    for (const auto& [name, position] : position_) listing_.seen.insert(name);
  }

 private:
  struct Row {
    Split split;
    std::string picture;
    ColumnVotes votes;
  };

  const FileTree& tree_;
  LabelRule rule_;
  Listing& listing_;
  std::vector<Row> rows_;
  std::map<std::string, std::size_t> position_;
};

/// name, quoted face box, ten votes; no header.
void read_label_csv(const FileTree& tree, const Part& part, const std::string& folder, Collector& out,
                    Findings& findings, std::set<std::string>& seen) {
  const auto file = tree.find_loosely(folder + "/label.csv");
  if (!file) return findings.defect("missing part", folder + "/label.csv");
  seen.insert(*file);
  const std::string content = to_utf8(tree.read(*file)).text;
  CsvReader reader(content);
  while (const auto row = reader.next()) {
    if (const auto votes = votes_from(row->cells))
      out.add(part.split, folder + "/" + row->cells[0], *votes);
    else
      findings.defect("bad line", fmt::format("{} line {}: expected name, box and ten votes, found {}", *file,
                                              row->line, quote(join(row->cells, ",").substr(0, 60))));
  }
}

/// The part of a row: "Training", "PublicTest", "PrivateTest".
const Part* part_of(std::string_view usage) {
  for (const Part& part : kParts)
    if (lower(trim(usage)) == part.usage) return &part;
  return nullptr;
}

/// Usage, Image name, ten votes; with a header. Joined by the name, which is the name of the exported picture.
void read_fer2013new(const FileTree& tree, Collector& out, Listing& listing) {
  const auto file = find_vote_list(tree);
  check_input(file.has_value(), fmt::format("{}: contains no fer2013new.csv.", tree.root().string()),
              "Add the file, or use --votes label.csv.");
  listing.seen.insert(*file);
  const std::string content = to_utf8(tree.read(*file)).text;
  CsvReader reader(content);
  reader.next();
  while (const auto row = reader.next()) {
    const auto votes = votes_from(row->cells);
    const Part* const part = part_of(row->cells[0]);
    const std::string where = fmt::format("{} line {}", *file, row->line);
    if (!votes || !part)
      listing.findings.defect("bad line", fmt::format("{}: {}", where, quote(join(row->cells, ",").substr(0, 60))));
    else if (row->cells[1].empty())
      listing.findings.remark("row without a picture (no face)", where);
    else
      out.add(part->split, find_folder(tree, part->folder) + "/" + row->cells[1], *votes);
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

Listing empty_listing(const FerplusOptions& options) {
  Listing listing;
  listing.layout = "ferplus";
  listing.data_set = "FER+";
  listing.label_rule = to_string(options.rule);
  listing.label_source = options.from_fer2013new ? "fer2013new.csv" : "label.csv";
  listing.licence = "labels MIT; pictures gathered from the web, for research";
  listing.has_splits = true;
  set_own_classes(listing, face::kNumExpressions);
  listing.official = official_counts(options);
  return listing;
}

struct JoinedRow {
  const std::string &pixel_list, &vote_list;
  std::size_t number;  ///< of the row, from 1
  LabelRule rule;
};

void add_joined_row(Listing& listing, const Columns& columns, const CsvRow& pixels, const CsvRow& votes,
                    const JoinedRow& row) {
  const std::string where = fmt::format("{} line {}", row.pixel_list, pixels.line);
  const std::string of_votes = fmt::format("{} line {}", row.vote_list, votes.line);
  if (pixels.cells.size() != columns.count)
    return listing.findings.defect(
        "bad line", fmt::format("{}: {} fields, the header has {}", where, pixels.cells.size(), columns.count));
  const auto counts = votes_from(votes.cells);
  const Part* const part = part_of(votes.cells[0]);
  if (!counts || !part)
    return listing.findings.defect("bad line",
                                   fmt::format("{}: {}", of_votes, quote(join(votes.cells, ",").substr(0, 60))));
  const bool same_part = columns.split == kNoColumn || part_of(pixels.cells[columns.split]) == part;
  check_input(same_part,
              fmt::format("{}: row {} is of {}, in {} of {}: the two lists are not in the same order, so the votes "
                          "cannot be joined by row.",
                          of_votes, row.number, votes.cells[0], row.pixel_list,
                          pixels.cells[columns.split == kNoColumn ? 0 : columns.split]),
              "Download both files again.");
  if (votes.cells[1].empty()) return listing.findings.remark("row without a picture (no face)", of_votes);
  std::string why;
  auto values = parse_pixels(pixels.cells[columns.pixels], why);
  if (!values) return listing.findings.defect("bad line", where + ": " + why);
  if (Item* item = add_voted(listing, row.rule, part->split, where, *counts)) item->inline_pixels = std::move(*values);
}

}  // namespace

bool looks_like_ferplus(const FileTree& tree) {
  for (const Part& part : kParts)
    if (tree.find_loosely(find_folder(tree, part.folder) + "/label.csv")) return true;
  return false;
}

Listing read_ferplus(const FileTree& tree, const FerplusOptions& options) {
  Listing listing = empty_listing(options);
  Collector out(tree, options.rule, listing);
  if (options.from_fer2013new) {
    read_fer2013new(tree, out, listing);
  } else {
    for (const Part& part : kParts)
      read_label_csv(tree, part, find_folder(tree, part.folder), out, listing.findings, listing.seen);
  }
  out.finish();
  return listing;
}

Listing read_ferplus_rows(const FileTree& tree, const std::string& pixel_list, const std::string& vote_list,
                          LabelRule rule) {
  Listing listing = empty_listing({rule, true});
  listing.label_source = base_of(vote_list) + " for the rows of " + base_of(pixel_list);
  listing.seen = {pixel_list, vote_list};
  const std::string pixel_text = to_utf8(tree.read(pixel_list)).text, vote_text = to_utf8(tree.read(vote_list)).text;
  CsvReader pixel_rows(pixel_text), vote_rows(vote_text);
  const auto header = pixel_rows.next();
  vote_rows.next();
  const Columns columns = columns_of(header->cells);
  for (std::size_t number = 1;; ++number) {
    const auto pixels = pixel_rows.next(), votes = vote_rows.next();
    if (!pixels && !votes) return listing;
    check_input(pixels && votes,
                fmt::format("{}: has {} rows than {}, so its votes cannot be joined by row.", tree.describe(vote_list),
                            votes ? "more" : "fewer", pixel_list),
                "Download both files again; each has 35,887 rows.");
    add_joined_row(listing, columns, *pixels, *votes, {pixel_list, vote_list, number, rule});
  }
}

}  // namespace mien::dataset
