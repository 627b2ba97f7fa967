// SPDX-License-Identifier: Apache-2.0
// mien models [show NAME]: the exported models on this machine as a table, and one model's card.
#include <fmt/core.h>

#include <functional>
#include <iostream>
#include <memory>

#include "mien/app/commands.h"
#include "mien/app/program.h"
#include "mien/app/text_table.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/runtime/assets.h"
#include "mien/runtime/expression_model.h"
#include "mien/runtime/forward_time.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnknown = "-";

/// As in the file: its hash covers digits that this program may write shorter.
Json shown_json(const face::ModelCard& card, const fs::path& file) {
  Json json = face::to_json(card);
  json["card_hash"] = card.card_hash;
  json["file"] = file.string();
  return json;
}

double megabytes(const fs::path& file) {
  std::error_code ignored;
  return static_cast<double>(fs::file_size(file, ignored)) / 1e6;
}

/// A figure of the test part from the card, in per cent; kUnknown if the card has none.
std::string test_share(const face::ModelCard& card, const char* key) {
  const Json test = card.metrics.value("test", Json::object());
  return test.contains(key) && test.at(key).is_number() ? percent_text(test.at(key).get<double>()) : kUnknown;
}

/// "86.0 (84.9-87.2)"; for a detector "mAP50 27.7".
std::string test_accuracy(const face::ModelCard& card) {
  if (face::finds_boxes(card)) return "mAP50 " + test_share(card, "map50");
  const Json test = card.metrics.value("test", Json::object());
  std::string out = test_share(card, "accuracy");
  const Json interval = test.value("accuracy_interval", Json::array());
  if (interval.size() == 2)
    out += fmt::format(" ({}-{})", percent_text(interval[0].get<double>()), percent_text(interval[1].get<double>()));
  return out;
}

/// Forward passes of one picture on one core.
runtime::ForwardTimes forward_times(const fs::path& file) {
  runtime::ModelOptions options;
  options.threads = 1;
  return runtime::time_forward(runtime::ExpressionModel::load(file, options));
}

std::vector<std::string> row_of(const face::ModelCard& card, const fs::path& file) {
  return {card.name,
          card.method,
          card.provenance.data_set.empty() ? kUnknown : card.provenance.data_set,
          test_accuracy(card),
          test_share(card, "mean_recall"),
          test_share(card, "ece"),
          fixed(static_cast<double>(card.parameters) / 1e6, 2),
          fixed(static_cast<double>(card.multiply_adds) / 1e6, 0),
          fixed(megabytes(file), 1)};
}

/// Calls `use` with each model that can be read; other files are reported. Returns the exit code.
int for_each_model(const Program& program, const std::function<void(const face::ModelCard&, const fs::path&)>& use) {
  int code = 0;
  for (const auto& file : runtime::expression_models(MIEN_SOURCE_DIR)) {
    try {
      use(runtime::read_card(file), file);
    } catch (const Error& error) {
      program.say(fmt::format("mien: {} {}", error.message(), error.remedy()));
      if (code == 0) code = exit_code(error.kind());
    }
  }
  return code;
}

int list(const Program& program, bool is_timed) {
  Json cards = Json::array();
  std::vector<TextColumn> columns{{"name"},           {"method"},      {"data"},           {"test accuracy %", true},
                                  {"recall %", true}, {"ECE %", true}, {"M params", true}, {"M mult-adds", true},
                                  {"MB", true}};
  if (is_timed) columns.push_back({"ms", true});
  std::vector<std::vector<std::string>> rows;
  const int code = for_each_model(program, [&](const face::ModelCard& card, const fs::path& file) {
    Json json = shown_json(card, file);
    rows.push_back(row_of(card, file));
    if (is_timed) {
      const auto times = forward_times(file);
      json["forward_ms"] = times.quantile(0.5);
      json["forward_least_ms"] = times.ms.front();
      rows.back().push_back(fixed(times.quantile(0.5), 2));
    }
    cards.push_back(std::move(json));
  });
  if (program.json()) {
    std::cout << pretty(cards);
  } else if (rows.empty() && code == 0) {
    program.say("No models yet. Train and export one: mien train, mien export.");
  } else if (!rows.empty()) {
    std::cout << text_table(columns, rows) << "To print the card of a model: mien models show NAME\n";
  }
  return code;
}

void print_calibration(const face::ModelCard& card) {
  if (!card.calibration) {
    std::cout << "calibration    none\n";
    return;
  }
  const auto& rows = card.calibration->table;
  std::cout << "calibration    "
            << (face::finds_boxes(card) ? "score limit " + fixed(card.calibration->score_limit, 3)
                                        : "temperature " + fixed(card.temperature, 3))
            << " on " << face::data_sets_of(*card.calibration);
  if (!rows.empty()) std::cout << "; --abstain guarantees risks from " << percent_with_sign(rows.front().risk) << " up";
  std::cout << "\n";
}

std::string test_figures(const face::ModelCard& card) {
  if (face::finds_boxes(card))
    return fmt::format("mAP50 {} %, mAP50:95 {} %, AP50 of faces without classes {} %", test_share(card, "map50"),
                       test_share(card, "map50_95"), test_share(card, "any_class50"));
  return fmt::format("accuracy {} %, mean recall {} %, ECE {} %", test_accuracy(card), test_share(card, "mean_recall"),
                     test_share(card, "ece"));
}

void print_card(const face::ModelCard& card, const fs::path& file) {
  const face::InputSpec& input = card.input;
  std::cout << card.name << "\n\nfile           " << file.string() << " (" << fixed(megabytes(file), 1)
            << " MB)\nmethod         " << card.method << "\nclasses        " << join(card.classes, ", ")
            << "\ninput          " << (face::finds_boxes(card) ? "whole picture, " : "face crop, ") << input.width
            << "x" << input.height << (input.channels == 1 ? " grey" : " colour")
            << (input.contrast ? ", contrast equalised" : "") << "\nparameters     " << card.parameters
            << "\nmultiply-adds  " << card.multiply_adds << "\n";
  print_calibration(card);
  std::cout << "outputs\n";
  for (const auto& output : card.outputs) std::cout << "  " << output.name << ": " << output.meaning << "\n";
  std::cout << "training\n";
  const Json training = face::card_entry(card.provenance);
  for (const auto& [name, value] : training.items())
    std::cout << "  " << name << ": " << (value.is_string() ? value.get<std::string>() : compact(value)) << "\n";
  std::cout << "figures\n";
  if (card.metrics.contains("test"))
    std::cout << "  test: " << test_figures(card) << ", " << card.metrics.at("test").value("samples", std::int64_t{0})
              << " pictures\n";
  for (const auto& [name, value] : card.metrics.items())
    if (name != "test")
      std::cout << "  " << name << ": " << (value.is_number_float() ? fixed(value, 4) : compact(value)) << "\n";
}

int show(const Program& program, const std::string& name) {
  const fs::path file = runtime::find_model(name, MIEN_SOURCE_DIR);
  if (!fs::exists(file)) {
    std::vector<std::string> names;
    for (const auto& known : runtime::expression_models(MIEN_SOURCE_DIR)) names.push_back(known.stem().string());
    throw Error(ErrorKind::missing, fmt::format("There is no model named {}.", quote(name)), did_you_mean(name, names));
  }
  const face::ModelCard card = runtime::read_card(file);
  if (program.json()) {
    std::cout << pretty(shown_json(card, file));
  } else {
    print_card(card, file);
  }
  return 0;
}

}  // namespace

void add_models(Program& program) {
  auto is_timed = std::make_shared<bool>(false);
  CLI::App* command = program.command("models", "List the exported models with their figures",
                                      [&program, is_timed] { return list(program, *is_timed); });
  command->add_flag("--time", *is_timed, "Measure a forward pass of each model on one core of this machine");
  program.add_json_flag(command);
  auto name = std::make_shared<std::string>();
  CLI::App* detail = program.command(command, "show", "Print the card of a model: input, outputs, training, figures",
                                     [&program, name] { return show(program, *name); });
  detail->add_option("name", *name, "Name from 'mien models', or a file")->required()->type_name("MODEL");
  program.add_json_flag(detail);
}

}  // namespace mien::app
