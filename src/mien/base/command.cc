// SPDX-License-Identifier: Apache-2.0
#include "mien/base/command.h"

#include <algorithm>
#include <cctype>

namespace mien {
namespace {

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) || byte >= 0x80 || std::string_view("_-./=,:+@%^").find(c) != std::string_view::npos;
}

/// "set='/home/ann/my set'" → the path without its quotes; any other word unchanged.
std::string unquoted(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '\\' && i + 1 < word.size())
      out += word[++i];
    else if (word[i] != '\'')
      out += word[i];
  }
  return out;
}

}  // namespace

std::string shell_quote(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::vector<std::string_view> command_words(std::string_view command) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= command.size(); ++i) {
    if (i < command.size() && command[i] == '\'') quoted = !quoted;
    if (i < command.size() && !quoted && command[i] == '\\') ++i;
    if (i < command.size() && (quoted || command[i] != ' ')) continue;
    words.push_back(command.substr(begin, std::min(i, command.size()) - begin));
    begin = i + 1;
  }
  return words;
}

std::string without_folders(std::string_view command) {
  std::string out;
  for (const auto stored : command_words(command)) {
    const bool is_quoted = stored.find('\'') != std::string_view::npos;
    const std::string word = is_quoted ? unquoted(stored) : std::string(stored);
    const auto equals = word.find('=');
    const std::string start = equals == std::string::npos ? "" : word.substr(0, equals + 1);
    const std::string path = word.substr(start.size());
    const std::string name = path.starts_with('/') ? path.substr(path.find_last_of('/') + 1) : path;
    const std::string kept = start + (name.empty() ? path : name);
    if (!out.empty()) out += ' ';
    out += is_quoted ? shell_quote(kept) : kept;
  }
  return out;
}

}  // namespace mien
