// SPDX-License-Identifier: Apache-2.0
// sample_pages DIR: one page of each kind with invented figures, for check_pages.py: long and hostile names,
// eight classes, one without pictures, mistakes with and without thumbnails, a run of two stages.
#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <iostream>

#include "mien/base/error.h"
#include "mien/base/random.h"
#include "mien/report/browse.h"
#include "mien/report/charts.h"
#include "mien/report/evaluation_page.h"
#include "mien/report/table.h"
#include "mien/report/training.h"

namespace {

using namespace mien;
namespace fs = std::filesystem;

constexpr int kSide = 48;

/// A simple face that shows whether thumbnails are present and upright.
std::vector<std::uint8_t> drawn_face(int label) {
  std::vector<std::uint8_t> pixels(kSide * kSide, 210);
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const bool eye = std::hypot(x - 16, y - 18) < 3 || std::hypot(x - 32, y - 18) < 3;
      const double mouth = 34 + (label % 2 ? -1 : 1) * std::pow((x - 24) / 9.0, 2) * 3;
      if (eye || (std::abs(y - mouth) < 1.5 && std::abs(x - 24) < 10))
        pixels[static_cast<std::size_t>(y * kSide + x)] = 40;
    }
  return pixels;
}

pack::Pack make_pack(const fs::path& path, bool shown) {
  pack::PackInfo info;
  info.classes = face::class_set(8);
  info.data_set = "a data set with <b>quite</b> a long name";
  info.licence = "research only";
  info.label_rule = "majority";
  info.pictures_may_be_shown = shown;
  pack::PackWriter writer(path, info);
  Random random = Random::stream(3, "sample");
  for (int i = 0; i < 3000; ++i) {
    pack::Sample s;
    s.split = pack::Split::test;
    s.label = static_cast<int>(std::pow(random.uniform(), 2) * 7);  // contempt never occurs
    s.distribution[static_cast<std::size_t>(s.label)] = 0.7f;
    s.distribution[static_cast<std::size_t>((s.label + 1) % 8)] = 0.3f;
    s.has_votes = i % 2 == 0;
    s.source =
        fmt::format("FER2013Test/{}{}{}.png", i % 7 == 0 ? "<img src=http://example.org/x onerror=alert(1)>" : "fer",
                    100000 + i, i % 11 == 0 ? std::string(120, 'x') : "");
    writer.add(s, drawn_face(s.label));
  }
  writer.commit();
  return pack::Pack(path);
}

score::Evaluation judge(const pack::Pack& pack) {
  Random random = Random::stream(4, "sample");
  const score::Predictor predictor = [&](std::span<const std::uint32_t> indices) {
    std::vector<float> logits;
    for (const auto i : indices)
      for (int k = 0; k < 8; ++k)
        logits.push_back(static_cast<float>(2.2 * (k == pack.sample(i).label) + 1.2 * random.normal()));
    return logits;
  };
  return score::evaluate(predictor, pack.info().classes, pack, pack::Split::test, {});
}

/// Two named values and a feature vector that separates the classes.
report::Responses respond(const pack::Pack& pack) {
  Random random = Random::stream(5, "sample");
  const auto norms = face::face_values("latent_norms", "length of each latent feature", "real",
                                       {"latent 1", "a latent feature with a long name"});
  const face::OutputSpec feature{"expression", "the expression feature: what the classifier gets", "real"};
  report::Responses r;
  for (std::uint32_t i = 0; i < pack.size(); ++i) {
    const auto k = static_cast<double>(pack.sample(i).label);
    r.pictures.push_back(i);
    r.add(norms, {static_cast<float>(k + random.uniform()), static_cast<float>(12 * random.uniform())});
    std::vector<float> row;
    for (const double c : {4 * std::cos(k), 4 * std::sin(k), 0.1 * k})
      row.push_back(static_cast<float>(c + random.normal()));
    r.add(feature, row);
  }
  return r;
}

report::TrainingRecord made_up_run() {
  report::TrainingRecord r;
  r.name = "dan-ferplus-with-a-rather-long-name-that-somebody-chose";
  r.state = report::RunState::interrupted;
  for (int i = 1; i <= 24; ++i)
    r.epochs.push_back(
        {{"stage", i <= 8 ? "landmarks" : "expression"},
         {"epoch", i <= 8 ? i : i - 8},
         {"loss",
          {{"cross_entropy", 2 * std::exp(-i / 9.0)},
           {"affinity", 0.4 / i},
           {"partition", 5e-4 / i},
           {"total", 2.4 * std::exp(-i / 9.0)}}},
         {"learning_rate", 1e-3 * (1 + std::cos(i / 24.0 * M_PI)) / 2},
         {"seconds", 181.0},
         {"images_per_second", 140.0 + i % 5},
         {"valid", {{"accuracy", 0.83 - 0.4 / i}, {"mean_recall", 0.7 - 0.4 / i}, {"ece", 0.03 + 0.2 / i}}}});
  r.provenance.data_set = "FER+";
  r.provenance.licence = "labels MIT; pictures gathered from the web, for research";
  r.provenance.label_rule = "majority";
  r.provenance.seed = 1;
  r.provenance.samples = {{"train", 25060}, {"valid", 3199}};
  r.environment = {"0.1.0", "", "", "A processor with a name of some length @ 2.00GHz", 2, false};
  r.command =
      "mien train configs/dan/ferplus.toml --set "
      "data.pack=/a/path/that/is/long/enough/to/need/a/scroll/bar/ferplus.pack --set name=" +
      r.name + "\n";
  r.config = "[train]\nepochs = 24\n";
  return r;
}

void write_all(const fs::path& dir) {
  for (const bool shown : {false, true}) {
    const auto pack = make_pack(dir / "sample.pack", shown);
    const auto evaluation = judge(pack);
    const auto responses = respond(pack);
    report::evaluation_page(
        evaluation, score::figures_of(evaluation, 0),
        {"runs/train/dan-ferplus/best.safetensors", "ferplus.pack", "test", "majority", "mien eval x --data y", 0},
        pack, {.settings = "a = 1\n", .responses = &responses})
        .write(dir / (shown ? "evaluation-pictures.html" : "evaluation.html"));
    fs::remove(dir / "sample.pack");
  }
  report::training_page(made_up_run()).write(dir / "training.html");
  report::TrainingRecord first;
  first.name = "x";
  first.state = report::RunState::done;
  first.epochs = {made_up_run().epochs.front()};
  report::training_page(first).write(dir / "training-one-epoch.html");
}

/// Twelve items in three orders, of two classes and two notes, as a gallery and as a table.
void write_browsing(const fs::path& path) {
  report::Browsing browsing;
  browsing.add_filter("Expression", {"neutral", "surprise"});
  browsing.add_filter("Notes", {"blurred", "none"});
  browsing.add_order("expression");
  browsing.add_order("probability");
  std::vector<report::Thumbnail> thumbnails;
  std::vector<std::vector<report::Html>> rows;
  std::vector<std::string> attributes;
  constexpr std::size_t kItems = 12;
  for (std::size_t i = 0; i < kItems; ++i) {
    const std::string name = fmt::format("picture {}.png", i);
    attributes.push_back(browsing.attributes({{{i < 5 ? 0u : 1u}, {i % 3 == 0 ? 0u : 1u}}, {i, kItems - 1 - i}}));
    thumbnails.push_back({"", name, report::name_of_file(name), attributes.back()});
    rows.push_back({report::link("pictures/" + name, report::name_of_file(name)),
                    report::escape(i < 5 ? "neutral" : "surprise"), report::escape(std::to_string(i)),
                    report::escape(i % 3 == 0 ? "blurred" : "")});
  }
  report::Page page("Pictures", "an album");
  page.add_rules(browsing.rules());
  page.add_section(
      "Faces",
      browsing.controls() + report::gallery(thumbnails) +
          report::table({{"picture", false, true}, {"expression"}, {"place", true}, {"notes", false, true}}, rows,
                        attributes),
      "Filtered and ordered without a script.");
  page.write(path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    write_all(argv[1]);
    write_browsing(fs::path(argv[1]) / "browsing.html");
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
