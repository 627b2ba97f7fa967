// SPDX-License-Identifier: Apache-2.0
// mien predict: pictures in, faces with their expressions out.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "mien/app/commands.h"
#include "mien/app/program.h"
#include "mien/app/report_folder.h"
#include "mien/base/container.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/image/draw.h"
#include "mien/recognise/explainer.h"
#include "mien/recognise/inputs.h"
#include "mien/recognise/picture_report.h"
#include "mien/recognise/prediction_page.h"
#include "mien/runtime/assets.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct PredictOptions {
  std::vector<std::string> words;
  bool demo = false;
  std::string format = "table";
  std::string out;
  int top = 1;
  bool values = false;
  std::string detector = "centerface";
  const CLI::Option* detector_option = nullptr;  ///< to tell whether it was given
  std::string model;
  double min_face = 0;
  double min_score = 0;
  std::string precision = "f32";
  bool flip = false;
  std::string abstain;
  bool explain = false;
  int threads = 0;
  std::string crop_rule = "card";
  int detail = 0;
  ReportOptions report;
};

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

recognise::RecognizerOptions recognizer_options(const PredictOptions& o) {
  recognise::RecognizerOptions r;
  r.model = o.model.empty() ? runtime::find_default_model(MIEN_SOURCE_DIR) : fs::path(o.model);
  r.use_detector = o.detector != "none";
  if (r.use_detector) r.finder.detector = detect::detector_kind(o.detector);
  r.finder.min_score = static_cast<float>(o.min_score);
  r.finder.detail = o.detail;
  r.finder.threads = o.threads;
  r.finder.precision = o.precision == "bf16" ? runtime::Precision::bf16 : runtime::Precision::f32;
  r.flip = o.flip;
  if (!o.abstain.empty()) r.abstain_risk = face::parse_risk(o.abstain);
  r.min_face_px = o.min_face;
  r.crop = recognise::crop_choice(o.crop_rule);
  r.explain = o.explain;
  return r;
}

/// Writes each result as it comes; JSON as one object at the end.
class Output {
 public:
  Output(const PredictOptions& options, const Program& program, const recognise::Recognizer& recognizer)
      : options_(options), program_(program), recognizer_(recognizer) {
    if (options.format == "csv") std::cout << recognise::csv_header(recognizer.card());
  }

  /// `explanation`: of recognise::Explainer, or null.
  void add(const recognise::PictureReport& report, const Json& explanation = {}) {
    const face::ModelCard& card = recognizer_.card();
    if (report.error && first_error_ == 0) first_error_ = exit_code(report.error->kind());
    if (report.error) program_.say(text("mien: ", report.error->what()));
    num_done_ += !report.error;
    Json image = recognise::to_json(report, card);
    if (!explanation.is_null()) {
      image["sheet"] = explanation.at("sheet");
      for (std::size_t i = 0; i < report.recognition.faces.size(); ++i)
        image["faces"][i]["explanation"] = explanation.at("faces").at(i);
    }
    if (options_.format == "jsonl") std::cout << compact(image) << "\n";
    if (options_.format == "json") images_.push_back(std::move(image));
    if (options_.format == "csv") std::cout << recognise::csv_rows(report, card);
    if (options_.format == "table")
      std::cout << recognise::table_rows(report, card, {static_cast<std::size_t>(options_.top), options_.values});
    std::cout << std::flush;
  }

  void finish(Json timing) {
    if (options_.format != "json") return;
    const auto& finder = recognizer_.options().finder;
    Json detector = {{"name", recognizer_.detector_name()}};
    if (recognizer_.options().use_detector && !face::finds_boxes(recognizer_.card()))
      detector.update({{"landmarks", finder.refine ? "face-mesh" : "detector"}, {"min_face_px", options_.min_face}});
    Json model = recognise::model_json(recognizer_.card(), recognizer_.options().model);
    if (const auto& a = recognizer_.abstain())
      model["abstain"] = {{"risk_bound", a->risk}, {"threshold", a->threshold}};
    std::cout << pretty(
        {{"model", std::move(model)}, {"detector", detector}, {"images", images_}, {"timing_ms", std::move(timing)}});
  }
  int exit_code_of_first_error() const { return first_error_; }
  int num_done() const { return num_done_; }

 private:
  const PredictOptions& options_;
  const Program& program_;
  const recognise::Recognizer& recognizer_;
  Json images_ = Json::array();
  int first_error_ = 0, num_done_ = 0;
};

/// Annotated pictures in one folder; equal names from different folders get a number.
class Annotator {
 public:
  explicit Annotator(fs::path folder) : folder_(std::move(folder)) {}
  fs::path write(const recognise::PictureReport& report, image::Image image, const face::ModelCard& card) {
    std::vector<image::Annotation> annotations;
    const auto& faces = report.recognition.faces;
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const bool is_numbered = faces[i].evidence && faces.size() > 1;  // the sheet speaks of "face 2"
      annotations.push_back(
          {faces[i].detection, text(is_numbered ? text(i + 1, "  ") : "", recognise::label_of(faces[i], card))});
    }
    image::draw_faces(image, annotations);
    // 255 bytes are the most for a name: room for the number and the ending.
    const std::string stem = report.path.stem().string().substr(0, 240);
    const int number = ++used_[lower(stem)];
    const bool is_lossless = lower(report.path.extension().string()) == ".png";
    const fs::path path = folder_ / (number > 1 ? text(stem, "-", number, is_lossless ? ".png" : ".jpg")
                                                : stem + (is_lossless ? ".png" : ".jpg"));
    image::write_image(path, image);
    return path;
  }

 private:
  fs::path folder_;
  std::map<std::string, int> used_;
};

std::string next_command(const PredictOptions& o) {
  if (o.demo) return "mien predict YOUR.jpg";
  return o.out.empty() ? "mien predict … --out DIR (annotated pictures)" : "mien predict … --format csv";
}

/// The page of a folder; of anything else only where --report asks for it.
std::optional<std::string> report_name(const PredictOptions& o) {
  if (!o.report.wanted()) return std::nullopt;
  std::error_code ignored;
  const auto folder =
      std::find_if(o.words.begin(), o.words.end(), [&](const auto& word) { return fs::is_directory(word, ignored); });
  if (folder == o.words.end() && o.report.folder.empty()) return std::nullopt;
  return name_from_path(folder == o.words.end() ? o.words.front() : *folder);
}

void leave_page(const Program& program, const PredictOptions& o, const std::string& name,
                const recognise::PicturesPage& page, const recognise::Recognizer& recognizer) {
  leave_report(program, o.report, "predict", name, [&](const fs::path& folder) {
    const auto& card = recognizer.card();
    page.finish(name,
                {{"model", text(card.name, " (", card.method, ")")},
                 {"file", recognizer.options().model.string()},
                 {"weights", card.weights_hash},
                 {"detector", recognizer.detector_name()}},
                program.command_line())
        .write(folder / "report.html");
  });
}

int predict(Program& program, PredictOptions o) {
  const auto begin = Clock::now();
  if (program.json()) o.format = "json";
  program.set_json(o.format == "json" || o.format == "jsonl");
  if (o.demo) {
    o.words.push_back(runtime::require_asset("samples/astronaut.png").string());
    if (o.out.empty()) o.out = "runs/predict/demo";
  }
  if (o.explain && o.out.empty()) o.out = "runs/predict/explain";
  if (o.words.empty()) fail_usage("predict: no picture is named.", "Name files or folders, or start with --demo.");
  const auto inputs = recognise::collect_inputs(o.words);
  if (inputs.size() == 1 && inputs.front().error) throw *inputs.front().error;  // nothing to load networks for
  const recognise::RecognizerOptions options = recognizer_options(o);
  const int ahead = o.threads > 0 ? o.threads : usable_cores();
  recognise::PictureStream pictures(inputs, ahead);  // decodes while networks are loaded
  recognise::Recognizer recognizer(options);
  if (face::finds_boxes(recognizer.card()) && o.detector_option->count() > 0)
    fail_usage(text("--detector ", o.detector, ": ", options.model.string(), " finds faces itself."),
               "Leave --detector out.");
  const double load_ms = ms_since(begin);

  Output output(o, program, recognizer);
  std::optional<Annotator> annotator;
  std::optional<recognise::Explainer> explainer;
  if (!o.out.empty()) annotator.emplace(o.out);
  const auto page_name = report_name(o);
  std::optional<recognise::PicturesPage> page;
  if (page_name) page.emplace(recognizer.card(), o.report.thumbnails);
  if (o.explain) explainer.emplace(o.out, recognizer.card());
  recognise::StageTimes times;
  fs::path last_written;
  double draw_ms = 0;
  while (const auto picture = pictures.next()) {
    recognise::PictureReport report{picture->path, {}, picture->error, picture->notes};
    if (!report.error) report.recognition = recognizer.recognize(picture->image);
    report.notes.insert(report.notes.end(), report.recognition.notes.begin(), report.recognition.notes.end());
    report.recognition.times.decode = picture->decode_ms;
    times += report.recognition.times;
    if (page) page->add(report, picture->image);
    Json explanation;
    if (annotator && !report.error) {
      const auto draw_begin = Clock::now();
      last_written = annotator->write(report, picture->image, recognizer.card());
      if (explainer) explanation = explainer->add(report, picture->image, last_written.stem().string());
      draw_ms += ms_since(draw_begin);
    }
    output.add(report, explanation);
  }
  const fs::path explained = explainer ? explainer->finish() : fs::path();

  Json timing = {{"load", load_ms}};
  timing.update(recognise::times_json(times));
  timing["draw"] = draw_ms;
  timing["total"] = ms_since(begin);
  output.finish(timing);
  if (const auto& a = recognizer.abstain())
    program.say(text("Unsure below a confidence of ", fixed(a->threshold, 3), ": at most ", fixed(100 * a->risk, 1),
                     " % of the answers are wrong on pictures like those it was calibrated on (",
                     recognizer.card().calibration->record.value("data_set", std::string("not stated")), ")."));
  if (page) leave_page(program, o, *page_name, *page, recognizer);
  if (o.format == "table" && output.num_done() > 0) {
    program.say(text("Times: load ", fixed(load_ms, 0), " ms, ", recognise::times_line(times), "; ",
                     fixed(ms_since(begin), 0), " ms in all."));
    program.say(text(last_written.empty() ? "" : text("Annotated: ", last_written.string(), ". "),
                     explained.empty() ? "" : text("Explained: ", explained.string(), ". "),
                     "Next: ", next_command(o)));
  }
  return output.exit_code_of_first_error();
}

}  // namespace

void add_predict(Program& program) {
  auto o = std::make_shared<PredictOptions>();
  CLI::App* c = program.command("predict", "Find faces in pictures and name their expressions",
                                [&program, o] { return predict(program, *o); });
  c->add_option("pictures", o->words, "Files, folders (with all below) or patterns")->type_name("IMAGE…");
  c->add_flag("--demo", o->demo, "The sample picture; the annotated one goes to runs/predict/demo");
  c->add_option("--format", o->format, "Form of the result on stdout")
      ->check(CLI::IsMember({"table", "json", "jsonl", "csv"}))
      ->capture_default_str();
  program.add_json_flag(c);
  c->add_option("--out", o->out, "Write annotated pictures into this folder")->type_name("DIR");
  c->add_flag(
      "--explain", o->explain,
      "Show what each answer was made from: heat maps, a sheet per picture and explain.html, in --out (without: "
      "runs/predict/explain)");
  c->add_option("--top", o->top, "Expressions shown per face in the table")
      ->check(CLI::Range(1, 8))
      ->capture_default_str();
  c->add_flag("--values", o->values,
              "Show in the table what the model says of a face besides (clarity, …; JSON and CSV always do)");
  o->detector_option =
      c->add_option("--detector", o->detector,
                    "blazeface, centerface, or none: each picture is a face crop; not for models that "
                    "find faces themselves")
          ->check(CLI::IsMember({"blazeface", "centerface", "none", "blazeface-short", "blazeface-full"}))
          ->capture_default_str();
  c->add_option("--model", o->model, "Exported model; without: $MIEN_MODEL, then dan-ferplus.onnx of the model folders")
      ->type_name("FILE");
  c->add_option("--min-face", o->min_face, "Leave out faces whose box is smaller, in pixels")
      ->check(CLI::Range(0.0, 10000.0))
      ->capture_default_str();
  c->add_option("--min-score", o->min_score,
                "Leave out faces found with a lower score, 0 to 1 (0: the detector's own limit)")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  c->add_option("--precision", o->precision,
                "Arithmetic of the networks: f32 is exact, bf16 faster where the processor has it")
      ->check(CLI::IsMember({"f32", "bf16"}))
      ->capture_default_str();
  c->add_flag("--flip", o->flip,
              "Average over each face and its mirror image: a little better, twice the network's time");
  c->add_option("--abstain", o->abstain,
                "Say 'unsure' of faces so that at most this share of the answers is wrong on pictures like the "
                "validation data: 0.05 or 5%; needs a calibrated model")
      ->type_name("RISK");
  c->add_option("--threads", o->threads, "Threads (0: one per core)")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  declare(c, o->report, "runs/predict/FOLDER (files: only where given)", "Show the faces in the report");
  c->add_option("--crop-rule", o->crop_rule)->group("");                        // for bench/crop_rules.py
  c->add_option("--detail", o->detail)->check(CLI::Range(0, 8192))->group("");  // for bench/detectors.py
}

}  // namespace mien::app
