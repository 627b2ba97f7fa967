// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "mien/app/doctor/doctor_checks.h"
#include "mien/base/error.h"
#include "mien/base/program_file.h"
#include "mien/base/text.h"
#include "mien/present/picture_report.h"
#include "mien/recognise/recognizer.h"
#include "mien/runtime/assets.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

/// The expected result for samples/astronaut.png: centre of the face, in pixels, and its expression.
constexpr face::Point kFaceCentre = {224, 126};
constexpr float kTolerancePx = 25;
constexpr const char* kExpression = "happiness";

/// The model that is used by default, then all others of the model folders.
std::vector<fs::path> model_files(const fs::path& source_dir) {
  std::vector<fs::path> files{runtime::find_default_model(source_dir)};
  for (const auto& file : runtime::expression_models(source_dir)) {
    std::error_code ignored;
    if (!fs::equivalent(file, files.front(), ignored)) files.push_back(file);
  }
  return files;
}

std::string find_licence(const fs::path& source_dir, const char* name) {
  std::error_code ignored;
  const fs::path prefix = program_file().parent_path().parent_path();
  for (const auto& dir : {source_dir, prefix / "share/doc/mien", prefix / "share/mien"})
    if (!dir.empty() && fs::file_size(dir / name, ignored) > 0 && !ignored) return (dir / name).string();
  return "";
}

}  // namespace

CheckResult check_licences(const DoctorContext& context) {
  CheckResult r;
  std::vector<std::string> parts;
  for (const char* name : {"LICENSE", "THIRD_PARTY.md"}) {
    if (!find_licence(context.source_dir, name).empty()) continue;
    r.status = CheckStatus::warning;
    r.remedy = "It must be included if you redistribute mien: copy it from the source, or install again.";
    parts.push_back(fmt::format("{} is missing", name));
  }
  parts.insert(parts.begin(), "mien Apache-2.0");
  std::set<std::string> detectors;
  for (const auto& asset : runtime::assets())
    if (asset.group == "predict") detectors.insert(asset.licence);
  parts.push_back("fetched files " + join({detectors.begin(), detectors.end()}, ", "));
  std::map<std::string, std::vector<std::string>> models;  // by training data
  for (const auto& file : runtime::expression_models(context.source_dir)) {
    try {
      const auto card = runtime::read_card(file);
      const std::string& data_set = card.provenance.data_set;
      const std::string& licence = card.provenance.licence;
      models[fmt::format("{} ({})", data_set.empty() ? "data not specified" : data_set,
                         licence.empty() ? "licence not specified" : licence)]
          .push_back(card.name);
    } catch (const Error&) {  // reported by the check of the models
    }
  }
  for (const auto& [data, names] : models) parts.push_back(fmt::format("{} trained on {}", join(names, ", "), data));
  r.detail = join(parts, "; ");
  return r;
}

CheckResult check_detectors(const DoctorContext&) {
  std::vector<std::string> wrong, remedies;
  int good = 0;
  for (const auto& asset : runtime::assets()) {
    if (asset.group != "predict") continue;
    try {
      runtime::require_asset(asset.path);
      ++good;
    } catch (const Error& error) {
      wrong.push_back(error.message());
      if (std::find(remedies.begin(), remedies.end(), error.remedy()) == remedies.end())
        remedies.push_back(error.remedy());
    }
  }
  if (wrong.empty()) return {"", CheckStatus::ok, fmt::format("{} files, each with its SHA-256", good), ""};
  return {"", CheckStatus::failed, join(wrong, " "), join(remedies, " ")};
}

CheckResult check_models(const DoctorContext& context) {
  std::vector<std::string> good, wrong, remedies;
  for (const auto& file : model_files(context.source_dir)) {
    try {
      const auto card = runtime::read_card(file);
      good.push_back(
          fmt::format("{} {}{}", card.name, card.weights_hash.substr(0, 8), card.calibration ? " (calibrated)" : ""));
    } catch (const Error& error) {
      wrong.push_back(error.message());
      remedies.push_back(error.remedy());
    }
  }
  if (wrong.empty()) return {"", CheckStatus::ok, "weights and cards as exported: " + join(good, ", "), ""};
  return {"", CheckStatus::failed, join(wrong, " "), join(remedies, " ")};
}

CheckResult check_picture(const DoctorContext& context) {
  const auto begin = std::chrono::steady_clock::now();
  recognise::RecognizerOptions options;
  options.model = runtime::find_default_model(context.source_dir);
  const image::Image image = image::load_image(runtime::require_asset("samples/astronaut.png"));
  recognise::Recognizer recognizer(options);
  const recognise::Recognition found = recognizer.recognize(image);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const char* remedy =
      "Run './mien setup' to build and fetch again. If the problem remains, report it with the output of 'mien doctor "
      "--json'.";
  if (found.faces.size() != 1)
    return {"", CheckStatus::failed, fmt::format("astronaut.png: {} faces found, 1 expected.", found.faces.size()),
            remedy};
  const recognise::RecognizedFace& f = found.faces.front();
  const face::Box& b = f.detection.box;
  const face::Point centre = {b.x + b.width / 2, b.y + b.height / 2};
  const face::ModelCard& card = recognizer.card();
  if (std::hypot(centre.x - kFaceCentre.x, centre.y - kFaceCentre.y) > kTolerancePx)
    return {"", CheckStatus::failed,
            fmt::format("astronaut.png: face found at {},{}, expected at {:g},{:g}.", std::lround(centre.x),
                        std::lround(centre.y), kFaceCentre.x, kFaceCentre.y),
            remedy};
  const bool is_known = std::find(card.classes.begin(), card.classes.end(), kExpression) != card.classes.end();
  if (is_known && card.classes[f.best] != kExpression)
    return {"", CheckStatus::failed,
            fmt::format("astronaut.png: {} by {}, expected {}.", present::label_of(f, card), card.name, kExpression),
            remedy};
  return {"", CheckStatus::ok,
          fmt::format("astronaut.png: 1 face, {}, as expected; kernels {}; {:.2f} s", present::label_of(f, card),
                      join(recognizer.instruction_sets(), " "), seconds),
          ""};
}

}  // namespace mien::app
