// SPDX-License-Identifier: Apache-2.0
#include "mien/app/next_step.h"

#include <fmt/core.h>

#include "mien/base/command.h"

namespace mien::app {

Parts parts_of(const pack::Pack& pack) {
  const auto has = [&](pack::Split split) { return !pack.indices(split).empty(); };
  return {has(pack::Split::train), has(pack::Split::valid), has(pack::Split::test),
          pack.count(pack::Split::train, pack::Field::boxes) > 0};
}

std::string after_packing(const std::string& pack, const Parts& parts, const std::string& more) {
  if (parts.train && parts.valid)
    return fmt::format("{}  next: mien train configs/{} --set {}{}", pack,
                       parts.boxes ? "fer-yolo-mamba/scenes.toml" : "dan/ferplus.toml",
                       shell_quote("data.pack=" + pack), more);
  if (parts.train)
    return fmt::format(
        "{}: no validation part, which training needs. To train on this data, create the pack with --val-fraction 0.1, "
        "which uses a tenth of the training pictures for validation.",
        pack);
  return fmt::format("{}  next: mien eval MODEL.onnx --data {} --split {}", pack, shell_quote(pack),
                     parts.test ? "test" : "valid");
}

}  // namespace mien::app
