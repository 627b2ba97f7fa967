// SPDX-License-Identifier: Apache-2.0
// mien models: the exported models at hand and their cards.
#include <iostream>

#include "mien/app/commands.h"
#include "mien/app/program.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/runtime/assets.h"
#include "mien/runtime/expression_model.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

std::string describe(const face::ModelCard& card, const fs::path& file) {
  std::error_code ignored;
  const double megabytes = static_cast<double>(fs::file_size(file, ignored)) / 1e6;
  std::string out =
      text(card.name, "  ", card.method, ", ", card.classes.size(), " classes, input ", card.input.width, "x",
           card.input.height, card.input.channels == 1 ? " grey" : " colour", ", ",
           fixed(static_cast<double>(card.parameters) / 1e6, 2), " M parameters, ",
           fixed(static_cast<double>(card.multiply_adds) / 1e6, 0), " M multiply-adds, ", fixed(megabytes, 1), " MB\n");
  for (const auto& [name, figure] : card.metrics.items())
    out += text("  ", name, ": ", figure.is_string() ? figure.get<std::string>() : compact(figure), "\n");
  if (card.calibration) {
    const auto& table = card.calibration->table;
    out += text(
        "  calibrated: temperature ", fixed(card.temperature, 3), ", ",
        table.empty() ? "no risk can be held" : text("holds risks from ", fixed(100 * table.front().risk, 1), " % up"),
        "\n");
  }
  return out + "  " + file.string() + "\n";
}

int models(Program& program) {
  Json cards = Json::array();
  std::string listing;
  int code = 0;
  for (const auto& file : runtime::expression_models(MIEN_SOURCE_DIR)) {
    try {
      const face::ModelCard card = runtime::read_card(file);
      Json json = face::to_json(card);
      json["file"] = file.string();
      cards.push_back(std::move(json));
      listing += describe(card, file);
    } catch (const Error& error) {
      program.say(text("mien: ", error.message(), " ", error.remedy()));
      if (code == 0) code = exit_code(error.kind());
    }
  }
  if (program.json()) {
    std::cout << pretty(cards);
  } else if (listing.empty() && code == 0) {
    program.say("No models yet. Train and export one: mien train, mien export.");
  } else {
    std::cout << listing;
  }
  return code;
}

}  // namespace

void add_models(Program& program) {
  CLI::App* c =
      program.command("models", "List the exported models and their cards", [&program] { return models(program); });
  program.add_json_flag(c);
}

}  // namespace mien::app
