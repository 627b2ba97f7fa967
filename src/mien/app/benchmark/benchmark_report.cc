// SPDX-License-Identifier: Apache-2.0
// The results of a bench as JSON and as Markdown.
#include <fmt/core.h>

#include <cmath>
#include <optional>

#include "mien/app/benchmark/benchmark.h"
#include "mien/base/text.h"
#include "mien/base/version.h"
#include "mien/base/words.h"
#include "mien/runtime/session.h"

namespace mien::app {
namespace {

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

std::string threads_text(const Bench& bench, const BenchSetup& setup) {
  const int n = setup.threads > 0 ? setup.threads : bench.machine.cores;
  return fmt::format("{}{}", n, n == 1 ? " thread" : " threads");
}

/// "dan-ferplus, centerface, f32, 2 threads": the name of the reference for the ratios.
std::string name_of(const Bench& bench, const BenchResult& result) {
  const BenchSetup& s = result.setup;
  return fmt::format("{}, {}, {}, {}{}", s.model.stem().string(), s.detector, to_word(s.precision),
                     threads_text(bench, s), s.batch > 0 ? fmt::format(", batch {}", s.batch) : "");
}

/// The median relative to the first set-up's for the same stage; nothing for the first itself. Of a batch: per face.
std::optional<double> ratio(const Bench& bench, const BenchResult& result, const StageTiming& stage) {
  const BenchResult& first = bench.results.front();
  if (&result == &first) return std::nullopt;
  for (const auto& peer : first.stages)
    if (peer.stage == stage.stage && peer.ms.p50 > 0) {
      const double per_face = stage.stage == "batch" ? static_cast<double>(first.setup.batch) / result.setup.batch : 1;
      return stage.ms.p50 / peer.ms.p50 * per_face;
    }
  return std::nullopt;
}

Json stage_json(const Bench& bench, const BenchResult& result, const StageTiming& stage) {
  const auto r = ratio(bench, result, stage);
  Json out = {{"stage", stage.stage},
              {"unit", "ms"},
              {"per", stage.stage == "batch" ? fmt::format("{} faces", result.setup.batch) : "picture"},
              {"p50", rounded(stage.ms.p50)},
              {"p95", rounded(stage.ms.p95)},
              {"spread", rounded(stage.ms.spread)},
              {"min", rounded(stage.ms.min)},
              {"samples", stage.ms.samples}};
  out["peer"] = r ? Json(name_of(bench, bench.results.front())) : Json();
  out["ratio"] = r ? Json(rounded(*r)) : Json();
  return out;
}

}  // namespace

Json to_json(const Bench& bench) {
  Json results = Json::array(), pictures = Json::array();
  for (const auto& path : bench.pictures) pictures.push_back(path.string());
  for (const auto& r : bench.results) {
    Json figures = Json::array();
    for (const auto& stage : r.stages) figures.push_back(stage_json(bench, r, stage));
    results.push_back({{"name", name_of(bench, r)},
                       {"model", r.setup.model.string()},
                       {"detector", r.detector_name},
                       {"precision", to_word(r.setup.precision)},
                       {"threads", r.setup.threads > 0 ? r.setup.threads : bench.machine.cores},
                       {"batch", r.setup.batch},
                       {"kernels", r.kernels},
                       {"faces", r.faces},
                       {"warm_up_ms", {{"load", rounded(r.load_ms)}, {"first", rounded(r.first_ms)}}},
                       {"figures", figures}});
  }
  const Machine& m = bench.machine;
  return {
      {"mien_version", version()},
      {"revision", git_revision()},
      {"runtime", runtime::runtime_version()},
      {"machine",
       {{"processor", m.processor}, {"cores", m.cores}, {"instruction_sets", m.instruction_sets}, {"load", m.load}}},
      {"pictures", pictures},
      {"rounds", bench.options.rounds},
      {"warm_up", bench.options.warm_up},
      {"results", results}};
}

std::string to_markdown(const Bench& bench) {
  const Machine& m = bench.machine;
  std::string out = fmt::format(
      "mien {} ({}), {}, {}, {}{}{}; load before: {:.1f}. {}{}{} alternating rounds after {} warm-up rounds. "
      "Milliseconds per picture; spread: distance between the quartiles.\n",
      version(), git_revision(), runtime::runtime_version(), m.processor, m.cores,
      m.cores == 1 ? " core, " : " cores, ",
      m.instruction_sets.empty() ? "no known instruction set" : join(m.instruction_sets, " "), m.load,
      bench.pictures.size(), bench.pictures.size() == 1 ? " picture, " : " pictures, ", bench.options.rounds,
      bench.options.warm_up);
  for (const auto& r : bench.results) {
    const bool has_peer = &r != &bench.results.front();
    out += fmt::format(
        "\n### {}\n\n{}{}{}warm-up: load {:.0f} ms, first picture {:.1f} ms\n\n| stage | least | p50 | p95 | spread "
        "|{}\n|---|---|---|---|---|{}\n",
        name_of(bench, r), r.faces, r.faces == 1 ? " face; " : " faces; ",
        r.kernels.empty() ? "" : fmt::format("kernels {}; ", join(r.kernels, " ")), r.load_ms, r.first_ms,
        has_peer ? " ratio to the first |" : "", has_peer ? "---|" : "");
    for (const auto& s : r.stages) {
      const auto over_first = ratio(bench, r, s);
      out += fmt::format("| {} | {:.3f} | {:.3f} | {:.3f} | {:.3f} |{}\n",
                         s.stage == "batch" ? fmt::format("net, {} faces in one run", r.setup.batch) : s.stage,
                         s.ms.min, s.ms.p50, s.ms.p95, s.ms.spread,
                         has_peer ? fmt::format(" {} |", over_first ? fixed(*over_first, 3) : "–") : "");
    }
  }
  return out;
}

}  // namespace mien::app
