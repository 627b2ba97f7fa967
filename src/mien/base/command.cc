// SPDX-License-Identifier: Apache-2.0
#include "mien/base/command.h"

namespace mien {

std::string without_folders(std::string_view command) {
  std::string out;
  while (!command.empty()) {
    const auto word = command.substr(0, command.find(' '));
    const auto path = word.substr(word.find('=') + 1);  // the whole word where there is none
    const auto name = path.starts_with('/') ? path.substr(path.find_last_of('/') + 1) : path;
    out += word.substr(0, word.size() - path.size());
    out += name.empty() ? path : name;
    command.remove_prefix(word.size());
    if (command.empty()) break;
    out += ' ';
    command.remove_prefix(1);
  }
  return out;
}

}  // namespace mien
