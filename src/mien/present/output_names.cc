// SPDX-License-Identifier: Apache-2.0
#include "mien/present/output_names.h"

#include <fmt/core.h>

#include <set>

#include "mien/base/text.h"

namespace mien::present {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxStem = 240;  ///< bytes: a name has 255, the number and the ending need some

/// The maps of one picture; their number is known only when its faces are.
void check_maps(OutputGuard& guard, const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator it(folder, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error))
    guard.writes("--out", it->path(), OutputKind::picture);
}

}  // namespace

std::vector<fs::path> annotated_names(const std::vector<recognise::Input>& inputs) {
  std::vector<fs::path> names;
  std::set<std::string> used;  // stems in lower case: some file systems are not case-sensitive
  for (const auto& input : inputs) {
    const std::string stem = input.path.stem().string().substr(0, kMaxStem);
    std::string name = stem;
    for (int number = 2; !used.insert(lower(name)).second; ++number) name = fmt::format("{}-{}", stem, number);
    names.emplace_back(name + (lower(input.path.extension().string()) == ".png" ? ".png" : ".jpg"));
  }
  return names;
}

void check_outputs(OutputGuard& guard, const std::vector<recognise::Input>& inputs, const fs::path& folder,
                   bool explain) {
  guard.writes_into("--out", folder);
  if (explain) guard.writes("--out", folder / "explain.html", OutputKind::page);
  for (const auto& name : annotated_names(inputs)) {
    guard.writes("--out", folder / name, OutputKind::picture);
    if (!explain) continue;
    guard.writes("--out", folder / "sheets" / (name.stem().string() + ".png"), OutputKind::picture);
    check_maps(guard, folder / "maps" / name.stem());
  }
}

}  // namespace mien::present
