// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/picture_finder.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/text.h"

namespace mien::dataset {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kLooked = 500;     // pictures of a list that determine its prefix
constexpr std::size_t kBeginnings = 20;  // of these, pictures whose folders are tried
constexpr std::string_view kEndings[] = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm"};

/// '/' between parts, without "./" and "file://".
std::string normalised(std::string name) {
  std::replace(name.begin(), name.end(), '\\', '/');
  for (const std::string_view start : {"file://", "./"})
    while (name.starts_with(start)) name.erase(0, start.size());
  return name;
}

bool is_address(std::string_view name) {
  return name.starts_with("http://") || name.starts_with("https://") || name.starts_with("s3://") ||
         name.starts_with("gs://");
}

/// Prefixes that end with a slash, the shortest first: "/a/b.png" → "/", "/a/".
std::vector<std::string> beginnings(const std::string& name) {
  std::vector<std::string> out;
  for (std::size_t at = name.find('/'); at != std::string::npos; at = name.find('/', at + 1))
    out.push_back(name.substr(0, at + 1));
  return out;
}

}  // namespace

std::optional<std::string> PictureFinder::near_list(const std::string& name, const std::string& list) const {
  const std::string folder = parent_of(list), up = parent_of(folder);
  for (const auto& base : {folder, up, std::string()})
    for (const char* images : {"", "images/"})
      if (auto stored = tree_.find_loosely((base.empty() ? "" : base + "/") + images + name)) return stored;
  return std::nullopt;
}

/// A path on this machine, if the data set is a folder on it.
std::optional<std::string> PictureFinder::on_disk(const std::string& name) const {
  std::error_code ignored;
  if (!name.starts_with('/') || !fs::is_directory(tree_.root(), ignored) || !fs::is_regular_file(name, ignored))
    return std::nullopt;
  const fs::path relative = fs::proximate(fs::path(name), tree_.root(), ignored);
  return relative.empty() ? std::nullopt : std::optional(relative.generic_string());
}

/// Files whose path ends with the path in the list.
std::vector<std::string> PictureFinder::ending_with(const std::string& name) const {
  if (by_base_.empty())
    for (std::size_t i = 0; i < tree_.files().size(); ++i) by_base_[folded(base_of(tree_.files()[i]))].push_back(i);
  std::vector<std::string> out;
  const auto same = by_base_.find(folded(base_of(name)));
  if (same == by_base_.end()) return out;
  for (const std::size_t i : same->second)
    if (folded(tree_.files()[i]).ends_with("/" + folded(name))) out.push_back(tree_.files()[i]);
  return out;
}

/// The picture that differs only in its extension: one that the list omits, or any other.
std::optional<std::string> PictureFinder::same_stem(const std::string& name, const std::string& list,
                                                    bool any_ending) const {
  if (image::has_image_name(name) != any_ending) return std::nullopt;
  const std::string stem = any_ending ? name.substr(0, name.rfind('.')) : name;
  for (const auto ending : kEndings)
    if (auto stored = near_list(stem + std::string(ending), list)) return stored;
  return std::nullopt;
}

PictureFinder::Found PictureFinder::find(const std::string& listed, const std::string& list,
                                         const std::function<bool(const std::string&)>& choose) const {
  if (is_address(listed)) return {std::nullopt, "a URL; mien does not download anything"};
  std::string name = normalised(listed);
  if (!prefix_.empty() && name.starts_with(prefix_)) name.erase(0, prefix_.size());
  if (auto stored = near_list(name, list)) return {stored, ""};
  if (auto stored = on_disk(name)) return {stored, ""};
  if (auto stored = same_stem(name, list, false)) return {stored, ""};
  const auto candidates = ending_with(name);
  auto chosen = candidates;
  if (candidates.size() > 1 && choose) std::erase_if(chosen, [&](const auto& file) { return !choose(file); });
  if (chosen.size() == 1) return {chosen.front(), ""};
  if (candidates.size() > 1)
    return {std::nullopt, fmt::format("several files have this name: {}", join(candidates, ", "))};
  if (tree_.count_loosely(name) > 1) return {std::nullopt, "several files differ only in case"};
  if (const auto other = same_stem(name, list, true)) return {std::nullopt, fmt::format("there is {}", *other)};
  return {};
}

std::string PictureFinder::learn_prefix(const std::vector<std::string>& listed, const std::string& list) {
  const std::size_t looked = std::min(listed.size(), kLooked);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < looked; ++i) {
    names.push_back(normalised(listed[i * listed.size() / looked]));
    if (find(names.back(), list).source) return {};
  }
  std::size_t most = 0;
  for (std::size_t i = 0; i < std::min(names.size(), kBeginnings); ++i)
    for (const auto& beginning : beginnings(names[i])) {
      const auto count = static_cast<std::size_t>(std::count_if(names.begin(), names.end(), [&](const auto& name) {
        return name.starts_with(beginning) && near_list(name.substr(beginning.size()), list);
      }));
      if (count <= most) continue;
      most = count;
      prefix_ = beginning;
    }
  return prefix_;
}

}  // namespace mien::dataset
