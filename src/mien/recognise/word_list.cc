// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/word_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"

namespace mien::recognise {
namespace {

namespace fs = std::filesystem;

bool is_list(const std::string& word) {
  const std::string ending = lower(fs::path(word).extension().string());
  std::error_code ignored;
  return (ending == ".txt" || ending == ".lst") && fs::is_regular_file(word, ignored);
}

/// "a.jpg" in the working folder, otherwise next to the list, otherwise unchanged.
std::string found_name(const std::string& name, const fs::path& folder) {
  std::error_code ignored;
  const fs::path beside = folder / name;
  return !fs::exists(name, ignored) && fs::exists(beside, ignored) ? beside.string() : name;
}

std::vector<std::string> names_in(std::string content, const std::string& origin, const fs::path& folder) {
  std::replace(content.begin(), content.end(), '\0', '\n');
  std::vector<std::string> names;
  bool has_file = false;
  for (const auto& line : lines_of(content)) {
    const std::string name(trim(line));
    if (name.empty() || name.starts_with('#')) continue;
    names.push_back(found_name(name, folder));
    std::error_code ignored;  // one that cannot be accessed is refused later, with that reason
    has_file |= fs::status(names.back(), ignored).type() != fs::file_type::not_found;
  }
  check_input(has_file, fmt::format("{}: a text file without any path of an existing picture.", origin),
              "Write one path per line, or give the pictures directly.");
  return names;
}

}  // namespace

NamedPictures named_pictures(const std::vector<std::string>& words, const std::function<std::string()>& read_stdin) {
  NamedPictures out;
  const auto add = [&](const std::vector<std::string>& names) {
    out.words.insert(out.words.end(), names.begin(), names.end());
  };
  for (const auto& word : words) {
    if (word == "-") {
      std::string content = read_stdin();
      const std::string kind = image::image_kind(content);
      const bool has_zeros = kind == "not a picture" && content.find('\0') != std::string::npos;  // find -print0
      if (kind == "a text file" || has_zeros)
        add(names_in(std::move(content), "stdin", {}));
      else
        out.piped.push_back({"stdin", {}, std::make_shared<const std::string>(std::move(content))});
    } else if (is_list(word)) {
      add(names_in(read_file(word), word, fs::path(word).parent_path()));
    } else {
      out.words.push_back(word);
    }
  }
  return out;
}

}  // namespace mien::recognise
