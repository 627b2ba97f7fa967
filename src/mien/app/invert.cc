// SPDX-License-Identifier: Apache-2.0
// mien invert A [B]: a generative model's version of a face, and a strip of faces from A to B or to the mean code.
#include <fmt/core.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "mien/app/commands.h"
#include "mien/app/detector_option.h"
#include "mien/app/program.h"
#include "mien/base/command.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/image/draw.h"
#include "mien/recognise/inversion.h"
#include "mien/recognise/made_picture.h"
#include "mien/runtime/assets.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

struct InvertOptions {
  std::string from, to, model, out = "runs/invert", detector = default_detector();
  int steps = 7;
};

std::vector<std::string> pictures_of(const InvertOptions& o) {
  return o.to.empty() ? std::vector{o.from} : std::vector{o.from, o.to};
}

fs::path inversion_path(const InvertOptions& o, std::size_t index) {
  return fs::path(o.out) / fmt::format("inversion-{}.png", index + 1);
}

fs::path strip_path(const InvertOptions& o) { return fs::path(o.out) / "strip.png"; }

void check_outputs(const Program& program, const InvertOptions& o) {
  OutputGuard guard = program.output_guard("invert");
  const auto pictures = pictures_of(o);
  guard.reads(o.model);
  for (const auto& picture : pictures) guard.reads(picture);
  for (std::size_t i = 0; i < pictures.size(); ++i) guard.writes("--out", inversion_path(o, i), OutputKind::picture);
  guard.writes("--out", strip_path(o), OutputKind::picture);
}

recognise::RecognizerOptions recognizer_options(const InvertOptions& o) {
  recognise::RecognizerOptions r;
  r.model = runtime::find_model(o.model, MIEN_SOURCE_DIR);
  r.use_detector = o.detector != kNoDetector;
  if (r.use_detector) r.finder.detector = detect::detector_kind(o.detector);
  return r;
}

/// Writes source and inversion side by side and describes them.
Json write_inversion(const recognise::InvertedFace& face, const std::string& picture, const fs::path& path) {
  image::write_image(path, recognise::strip({recognise::enlarged(face.source), recognise::enlarged(face.inversion)}));
  return {{"picture", picture}, {"file", path.string()}, {"l2", face.l2}};
}

int invert(const Program& program, const InvertOptions& o) {
  check_outputs(program, o);
  recognise::Inverter inverter(recognizer_options(o));
  std::vector<recognise::InvertedFace> faces;
  Json inversions = Json::array();
  const auto pictures = pictures_of(o);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    faces.push_back(inverter.invert(image::load_image(pictures[i]), pictures[i]));
    inversions.push_back(write_inversion(faces.back(), pictures[i], inversion_path(o, i)));
  }
  auto made = faces.size() == 2 ? inverter.between(faces[0], faces[1], o.steps) : inverter.to_mean(faces[0], o.steps);
  for (auto& picture : made) picture = recognise::enlarged(picture);
  image::write_image(strip_path(o), recognise::strip(made));
  if (program.json()) {
    std::cout << compact({{"inversions", inversions},
                          {"strip", strip_path(o).string()},
                          {"to", faces.size() == 2 ? "face" : "mean code"},
                          {"steps", o.steps}})
              << std::endl;
    return 0;
  }
  for (const auto& entry : inversions)
    std::cout << entry.at("picture").get<std::string>() << "  mean squared difference "
              << fixed(entry.at("l2").get<double>(), 4) << "  " << entry.at("file").get<std::string>() << '\n';
  std::cout << strip_path(o).string() << "  " << o.steps << " steps to "
            << (faces.size() == 2 ? pictures[1] : "the mean code") << std::endl;
  program.say("next: mien predict --explain --model " + shell_quote(o.model) + " " + shell_quote(o.from));
  return 0;
}

}  // namespace

void add_invert(Program& program) {
  auto o = std::make_shared<InvertOptions>();
  CLI::App* c = program.command("invert", "Show a face as a generative model sees it, and faces between two",
                                [&program, o] { return invert(program, *o); });
  c->add_option("from", o->from, "Picture of a face")->required()->type_name("IMAGE");
  c->add_option("to", o->to, "Picture of another face (default: the strip leads to the generator's mean code)")
      ->type_name("IMAGE");
  c->add_option("--model", o->model, "Model that was exported with --with reconstruction")
      ->required()
      ->type_name("MODEL");
  c->add_option("-o,--out", o->out, "Folder for inversion-1.png, inversion-2.png (source | inversion) and strip.png")
      ->type_name("DIR")
      ->capture_default_str();
  c->add_option("--steps", o->steps, "Faces in the strip, both ends included")
      ->check(CLI::Range(2, 64))
      ->capture_default_str();
  add_detector_option(c, o->detector);
  program.add_json_flag(c);
  program.add_overwrite_flag(c);
}

}  // namespace mien::app
