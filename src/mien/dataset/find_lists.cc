// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/class_folders.h"
#include "mien/dataset/csv_list.h"
#include "mien/dataset/raf_list.h"
#include "mien/dataset/table.h"

namespace mien::dataset {
namespace {

constexpr std::size_t kFormHead = 1 << 16;  // bytes of a list that determine its form
constexpr const char* kNoLabels = "Training and evaluation need labels; 'mien predict' does not.";

struct Candidates {
  std::vector<std::string> tables, headerless, unlabelled;
  bool is_affectnet = false;
};

Candidates candidates_of(const FileTree& tree) {
  Candidates found;
  for (const auto& name : tree.files()) {
    if (!has_list_name(name) || lower(name).ends_with(".txt") || lower(name).ends_with(".lst")) continue;
    const std::string head = tree.head(name, kFormHead);
    if (is_fer2013new(head)) continue;
    const TableForm form = form_of(head, false);
    const bool is_affectnet = form.columns.known == KnownTable::affectnet;
    found.is_affectnet = found.is_affectnet || is_affectnet;
    if (form.kind == TableForm::Kind::headerless)
      (is_affectnet ? found.tables : found.headerless).push_back(name);
    else if (form.kind == TableForm::Kind::table)
      (form.columns.has_label() ? found.tables : found.unlabelled).push_back(name);
  }
  return found;
}

/// The part given by each name; empty if a name gives none or two names give the same.
std::vector<ListFile> one_per_part(const std::vector<std::string>& names) {
  std::vector<ListFile> lists;
  std::set<pack::Split> parts;
  for (const auto& name : names) {
    const auto split = split_in_name(base_of(name));
    if (!split || !parts.insert(*split).second) return {};
    lists.push_back({name, split});
  }
  return lists;
}

}  // namespace

bool has_list_name(std::string_view name) {
  const std::string folded = lower(name);
  for (const std::string_view ending : {".csv", ".tsv", ".tab", ".txt", ".lst"})
    if (folded.ends_with(ending)) return true;
  return false;
}

std::vector<ListFile> find_lists(const FileTree& tree) {
  for (const auto& name : tree.files())
    if (is_raf_list(name)) return {{name, std::nullopt}};
  Candidates found = candidates_of(tree);
  if (found.is_affectnet)  // labels from a network: read only if the list itself is given
    std::erase_if(found.tables, [](const auto& name) { return lower(base_of(name)) == "automatically_annotated.csv"; });
  auto& fitting = found.tables.empty() ? found.headerless : found.tables;
  if (fitting.size() == 1) return {{fitting.front(), std::nullopt}};
  auto lists = one_per_part(fitting);
  check_input(!lists.empty() || fitting.empty(),
              fmt::format("{}: contains several lists: {}.", tree.root().string(), join(fitting, ", ")),
              "Give the list directly.");
  check_input(!fitting.empty() || found.unlabelled.empty(),
              fmt::format("{}: {} has no column label, emotion or expression.", tree.root().string(),
                          join(found.unlabelled, ", ")),
              kNoLabels);
  return lists;
}

bool is_pixel_list(const FileTree& tree, const std::string& name) {
  const Columns columns = form_of(tree.head(name, kFormHead), false).columns;
  return columns.pixels != kNoColumn && columns.has_label();
}

std::optional<std::string> find_pixel_list(const FileTree& tree) {
  for (const auto& name : tree.files())
    if (lower(name).ends_with(".csv") && is_pixel_list(tree, name)) return name;
  return std::nullopt;
}

std::optional<std::string> find_vote_list(const FileTree& tree) {
  for (const auto& name : tree.files())
    if (lower(name).ends_with(".csv") && is_fer2013new(tree.head(name, kFormHead))) return name;
  return std::nullopt;
}

}  // namespace mien::dataset
