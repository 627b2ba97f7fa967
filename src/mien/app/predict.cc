// SPDX-License-Identifier: Apache-2.0
// mien predict: pictures in, faces with their expressions out.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include "mien/app/commands.h"
#include "mien/app/detector_option.h"
#include "mien/app/predict_output.h"
#include "mien/app/program.h"
#include "mien/app/report_folder.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/base/words.h"
#include "mien/present/output_names.h"
#include "mien/present/picture_run.h"
#include "mien/recognise/word_list.h"
#include "mien/runtime/assets.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

struct PredictOptions {
  std::vector<std::string> words;
  bool demo = false;
  std::string format;  ///< "": table
  std::string out;
  int top = 1;
  bool values = false;
  std::string detector = default_detector();
  const CLI::Option* detector_option = nullptr;  ///< shows whether it was given
  std::string model;
  double min_face = 0;
  double min_score = 0;
  std::string precision = "f32";
  bool flip = false;
  std::string abstain;
  bool explain = false;
  std::size_t score_channels = recognise::kScoreChannels;
  int threads = 0;
  std::string crop_rule = "card";
  int detail = 0;
  ReportOptions report;
};

recognise::RecognizerOptions recognizer_options(const Program& program, const PredictOptions& o) {
  recognise::RecognizerOptions r;
  r.model =
      o.model.empty() ? runtime::find_default_model(MIEN_SOURCE_DIR) : runtime::find_model(o.model, MIEN_SOURCE_DIR);
  r.use_detector = o.detector != kNoDetector;
  if (r.use_detector) r.finder.detector = detect::detector_kind(o.detector);
  r.min_score = o.min_score;
  r.finder.detail = o.detail;
  r.finder.threads = o.threads;
  r.finder.precision = *from_word<runtime::Precision>(o.precision);
  r.flip = o.flip;
  if (!o.abstain.empty()) r.abstain_risk = face::parse_risk(o.abstain);
  r.min_face_px = o.min_face;
  r.crop = recognise::crop_choice(o.crop_rule);
  r.explain = o.explain;
  r.score_channels = o.score_channels;
  r.progress = program.progress();
  return r;
}

std::string next_command(const PredictOptions& o) {
  if (o.demo) return "mien predict YOUR.jpg";
  return o.out.empty() ? "mien predict … --out DIR (annotated pictures)" : "mien predict … --format csv";
}

/// The page of a folder; for other inputs only with --report.
std::optional<std::string> report_name(const PredictOptions& o) {
  if (!o.report.wanted()) return std::nullopt;
  std::error_code ignored;
  const auto folder =
      std::find_if(o.words.begin(), o.words.end(), [&](const auto& word) { return fs::is_directory(word, ignored); });
  if (folder == o.words.end() && o.report.folder.empty()) return std::nullopt;
  return name_from_path(folder == o.words.end() ? o.words.front() : *folder);
}

void leave_page(const Program& program, const PredictOptions& o, const std::string& name,
                const present::PicturesPage& page, const recognise::Recognizer& recognizer) {
  leave_report(program, o.report, "predict", name, [&](const fs::path& folder) {
    const auto& card = recognizer.card();
    page.finish(name,
                {{"model", fmt::format("{} ({})", card.name, card.method)},
                 {"file", recognizer.options().model.string()},
                 {"weights", card.weights_hash},
                 {"detector", recognizer.detector_name()}},
                program.command_line(), folder)
        .write(folder / "report.html");
  });
}

/// Options that would have no effect or contradict each other.
void check_options(const PredictOptions& o, const Program& program) {
  if (program.json() && !o.format.empty() && o.format != "json")
    fail_usage(fmt::format("--json and --format {} request two formats.", o.format), "Use only one of them.");
  if (o.detector == kNoDetector && (o.min_face > 0 || o.min_score > 0))
    fail_usage("--min-face and --min-score select detected faces, and --detector none detects none.",
               "Use only one of them.");
  if (!o.out.empty() && !path_exists(o.out) && image::has_image_name(o.out))
    fail_usage(fmt::format("--out {}: a folder is expected, but this is the name of a picture.", o.out),
               "Give a folder: annotated pictures keep their names in it.");
  for (const auto& word : o.words)
    if (const auto equals = word.find('=');
        equals != std::string::npos && !path_exists(word) && word.find('/') > equals)
      fail_usage(fmt::format("{}: no such file or folder.", quote(word)),
                 "Pictures are given without a key, options with dashes: mien predict a.jpg --model FILE.");
}

std::string all_of_stdin() {
  if (isatty(STDIN_FILENO))
    fail_usage("- reads a picture or a list of pictures from a pipe.", "Pipe a picture or a list to mien.");
  std::string content((std::istreambuf_iterator<char>(std::cin)), {});
  check_input(!content.empty(), "stdin: the pipe was empty.", "Pipe a picture, or one path per line.");
  return content;
}

/// Pictures that an earlier run wrote into a folder below the input folder are not inputs.
std::size_t leave_out_outputs(std::vector<recognise::Input>& inputs, const fs::path& out,
                              const std::vector<std::string>& words) {
  if (!path_exists(out)) return 0;
  const std::string folder = whole_path(out).string() + "/";
  const auto is_ours = [&](const recognise::Input& input) {
    const bool is_named = std::find(words.begin(), words.end(), input.path.string()) != words.end();
    return !is_named && whole_path(input.path).string().starts_with(folder) &&
           is_our_output(input.path, OutputKind::picture);
  };
  return std::erase_if(inputs, is_ours);
}

std::vector<recognise::Input> inputs_of(const Program& program, const PredictOptions& o,
                                        recognise::PassedOver& passed_over) {
  auto named = recognise::named_pictures(o.words, all_of_stdin);
  std::vector<recognise::Input> inputs = recognise::collect_inputs(named.words, &passed_over);
  if (!passed_over.empty()) program.say("mien: skipped, not pictures: " + recognise::describe(passed_over) + ".");
  const std::size_t num_ours = o.out.empty() ? 0 : leave_out_outputs(inputs, o.out, named.words);
  if (num_ours > 0) {
    program.say(fmt::format("mien: {}{} in {} skipped because an earlier run wrote them.", num_ours,
                            num_ours == 1 ? " picture" : " pictures", o.out));
    passed_over["picture that an earlier run wrote"] = num_ours;
  }
  inputs.insert(inputs.end(), std::make_move_iterator(named.piped.begin()), std::make_move_iterator(named.piped.end()));
  return inputs;
}

void check_outputs(const Program& program, const PredictOptions& o, const std::vector<recognise::Input>& inputs) {
  OutputGuard guard = program.output_guard("predict");
  guard.reads(o.model);
  for (const auto& word : o.words) guard.reads(word);
  for (const auto& input : inputs) guard.reads(input.path);
  check_report(guard, o.report);
  if (!o.out.empty()) present::check_outputs(guard, inputs, o.out, o.explain);
}

void say_how_sure(const Program& program, const recognise::Recognizer& recognizer) {
  const auto& a = recognizer.abstain();
  if (!a) return;
  program.say(
      fmt::format("Faces are unsure below a confidence of {:.3f}: at most {:.1f} % of the predictions are wrong on "
                  "pictures like those used for calibration ({}).",
                  a->threshold, 100 * a->risk, face::data_sets_of(*recognizer.card().calibration)));
}

/// On a terminal, the rows show the progress.
ProgressSink progress_of(const Program& program, std::size_t num_pictures) {
  if (num_pictures < 2 || isatty(STDOUT_FILENO)) return [](const ProgressReport&) {};
  return program.progress();
}

int predict(Program& program, PredictOptions o) {
  check_options(o, program);
  const OutputFormat format = output_format(program.json() ? "json" : o.format.empty() ? "table" : o.format);
  program.set_json(format == OutputFormat::json || format == OutputFormat::jsonl);
  if (o.demo) {
    o.words.push_back(runtime::require_asset("samples/astronaut.png").string());
    if (o.out.empty()) o.out = "runs/predict/demo";
  }
  if (o.explain && o.out.empty()) o.out = "runs/predict/explain";
  if (o.words.empty()) fail_usage("predict: no picture given.", "Give files or folders, or start with --demo.");
  recognise::PassedOver passed_over;
  const auto inputs = inputs_of(program, o, passed_over);
  if (inputs.size() == 1 && inputs.front().error) throw *inputs.front().error;  // no reason to load networks
  check_outputs(program, o, inputs);

  const auto page_name = report_name(o);
  present::PictureRun run({inputs, recognizer_options(program, o), o.out, page_name.has_value(), o.report.thumbnails});
  if (face::finds_boxes(run.recognizer().card()) && o.detector_option->count() > 0)
    fail_usage(
        fmt::format("--detector {}: {} detects faces itself.", o.detector, run.recognizer().options().model.string()),
        "Remove --detector.");
  PredictOutput output(format, {static_cast<std::size_t>(o.top), o.values}, program, run.recognizer());
  const ProgressSink progress = progress_of(program, run.num_pictures());
  fs::path last_written;
  for (std::int64_t done = 1; const auto report = run.next(); ++done) {
    if (!report->annotated.empty()) last_written = report->annotated;
    output.add(*report);
    progress({"predict", done, static_cast<std::int64_t>(run.num_pictures()), ""});
  }
  const fs::path explained = run.finish_explanations();
  output.finish(run.timing(), passed_over);
  say_how_sure(program, run.recognizer());
  if (run.page()) leave_page(program, o, *page_name, *run.page(), run.recognizer());
  if (format == OutputFormat::table && output.num_done() > 0) {
    program.say(fmt::format("Times: load {:.0f} ms, {}; {:.0f} ms in total.", run.load_ms(),
                            present::times_line(run.times()), run.total_ms()));
    program.say(
        fmt::format("{}{}Next: {}", last_written.empty() ? "" : fmt::format("Annotated: {}. ", last_written.string()),
                    explained.empty() ? "" : fmt::format("Explained: {}. ", explained.string()), next_command(o)));
  }
  return output.exit_code_of_first_error();
}

}  // namespace

void add_predict(Program& program) {
  auto o = std::make_shared<PredictOptions>();
  CLI::App* c = program.command("predict", "Detect faces in pictures and predict their expressions",
                                [&program, o] { return predict(program, *o); });
  c->add_option(
       "pictures", o->words,
       fmt::format("Files ({}), folders (including subfolders), patterns, lists of files (.txt), or - for a pipe",
                   image::kReadableFormats))
      ->type_name("IMAGE…");
  c->add_flag("--demo", o->demo, "Use the sample picture; the annotated picture is written to runs/predict/demo");
  c->add_option("--format", o->format, "Format of the result on stdout (default: table)")
      ->check(CLI::IsMember({"table", "json", "jsonl", "csv"}));
  program.add_json_flag(c);
  c->add_option("-o,--out", o->out, "Write annotated pictures to this folder")->type_name("DIR");
  program.add_overwrite_flag(c);
  c->add_flag("--explain", o->explain,
              "Explain each prediction by heat maps, a sheet per picture and explain.html in --out (default: "
              "runs/predict/explain)");
  c->add_option(
       "--score-channels", o->score_channels,
       "With --explain and a model with activation maps (ViT-SE): number of channels that Score-CAM evaluates, "
       "each by a pass through the network; 0: all")
      ->capture_default_str();
  c->add_option("--top", o->top, "Number of expressions per face in the table")
      ->check(CLI::Range(1, 8))
      ->capture_default_str();
  c->add_flag("--values", o->values,
              "Show further values of the model in the table (clarity, …; always in JSON and CSV)");
  o->detector_option = add_detector_option(c, o->detector, "; not for models that detect faces themselves");
  c->add_option("--model", o->model,
                "Exported model, or a name that 'mien models' lists (default: $MIEN_MODEL, then dan-ferplus.onnx)")
      ->type_name("MODEL");
  c->add_option("--min-face", o->min_face, "Leave out faces with a smaller box, in pixels")
      ->check(CLI::Range(0.0, 10000.0))
      ->capture_default_str();
  c->add_option("--min-score", o->min_score,
                "Leave out faces with a lower detection score, 0 to 1 (0: the detector's own limit)")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  c->add_option("--precision", o->precision,
                "Arithmetic of the networks: f32 is exact, bf16 is faster if the processor supports it")
      ->check(CLI::IsMember(all_words<runtime::Precision>()))
      ->capture_default_str();
  c->add_flag("--flip", o->flip, "Average over each face and its mirror image, in twice the network's time");
  c->add_option("--abstain", o->abstain,
                "Answer 'unsure' for some faces, so that at most this share of the predictions is wrong on pictures "
                "like the validation data: 0.05 or 5%; needs a calibrated model")
      ->type_name("RISK");
  c->add_option("--threads", o->threads, "Threads (0: one per core)")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  o->report.thumbnails = true;
  declare(c, o->report, "runs/predict/FOLDER (for files: only if given)",
          "Show the faces in the report, as it does unless you give --no-thumbnails");
  c->add_option("--crop-rule", o->crop_rule)->group("");                        // for bench/crop_rules.py
  c->add_option("--detail", o->detail)->check(CLI::Range(0, 8192))->group("");  // for bench/detectors.py
}

}  // namespace mien::app
