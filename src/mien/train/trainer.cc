// SPDX-License-Identifier: Apache-2.0
#include "mien/train/trainer.h"

#include <chrono>
#include <cstdio>
#include <fstream>

#include "mien/base/container.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/nn/layout.h"
#include "mien/pack/noise.h"
#include "mien/train/noise_watch.h"
#include "mien/train/predictor.h"
#include "mien/train/run_page.h"
#include "mien/train/stage_run.h"

namespace mien::train {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

constexpr const char* kProgressKey = "mien.progress";

std::string clock_text(double seconds) {
  const auto s = static_cast<long long>(seconds);
  char out[32];
  std::snprintf(out, sizeof out, "%02lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  return out;
}

double resident_gb() {
  std::ifstream file("/proc/self/statm");
  long long total = 0, resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * 4096 / 1e9;
}

/// Where a run stands; saved with the weights.
struct Position {
  std::size_t stage = 0;
  int epoch = 0;               ///< 0-based, running
  std::int64_t step = 0;       ///< steps done in the epoch
  double best_score = -1e300;  ///< validation accuracy, or minus the validation loss
  int best_epoch = 0;
};

}  // namespace

struct Trainer::Work {
  method::Method& method;
  TrainConfig config;
  CheckpointInfo info;
  std::shared_ptr<const pack::Pack> pack;
  RunFolder folder;
  Talk talk;
  at::Device device;
  nn::Precision precision;
  batch::PackedSet train_set;
  std::optional<NoiseWatch> noise_watch;  ///< where wrong labels are known
  Position position;
  LossMeans means;
  std::optional<nn::TensorFile> resumed;  ///< until its stage has taken the optimiser's state
  double wait_seconds = 0, step_seconds = 0;
  std::int64_t pictures = 0;
  Clock::time_point last_save = Clock::now();

  Work(method::Method& m, const TrainConfig& c, CheckpointInfo i, std::shared_ptr<const pack::Pack> p, RunFolder f,
       Talk t)
      : method(m),
        config(c),
        info(std::move(i)),
        pack(std::move(p)),
        folder(std::move(f)),
        talk(std::move(t)),
        device(nn::device_from(c.device)),
        precision(nn::precision_from(c.precision, device)),
        train_set(pack, pack::Split::train, static_cast<std::size_t>(c.samples), static_cast<std::uint64_t>(c.seed)) {
    if (!c.truth.empty()) {
      train_set.set_truth(pack::read_truth(c.truth, *pack));
      noise_watch.emplace(train_set);
    }
    info.temperature = 1;  // a calibration belongs to the weights it was measured with
    info.calibration.reset();
  }

  void log(const std::string& line) {
    folder.append_log(line);
    if (talk.log) talk.log(line);
  }
  bool cancelled() const { return talk.cancel && talk.cancel->is_cancelled(); }

  void place_on_device();
  bool run_stage(method::Stage stage);
  bool run_epoch(StageRun& run, batch::Loader& loader);
  void finish_epoch(StageRun& run, const method::HookContext& end, double seconds);
  void save_last(const StageRun& run);
  void save_best(double score, Json metrics);
  double validate(const StageRun& run, Json& row, std::string& line);
  method::StepContext context(const StageRun& run, const batch::Loader& loader) const {
    return {position.epoch, run.num_epochs(), position.epoch * loader.steps_per_epoch() + position.step,
            loader.steps_per_epoch()};
  }
  void report(const StageRun& run, const batch::Loader& loader);
};

/// Moves values without changing the tensor objects that optimisers and losses hold.
void Trainer::Work::place_on_device() {
  auto place = [&](at::Tensor& t) {
    at::Tensor moved = t.detach().to(device);
    if (config.channels_last && moved.dim() == 4) moved = nn::channels_last(moved);
    t.set_data(moved);
  };
  for (auto& [name, value] : nn::state_of(method.network())) place(value);
  for (auto& [name, value] : method.extra_state()) place(value);
}

void Trainer::Work::save_last(const StageRun& run) {
  nn::NamedTensors all = weights_of(method);
  for (auto& entry : run.state()) all.push_back(entry);
  auto metadata = to_metadata(info);
  metadata[kProgressKey] = compact(Json{{"stage", position.stage},
                                        {"epoch", position.epoch},
                                        {"step", position.step},
                                        {"best_score", position.best_score},
                                        {"best_epoch", position.best_epoch},
                                        {"means", means.to_json()}});
  nn::write_safetensors(folder.last(), all, metadata);
  last_save = Clock::now();
}

void Trainer::Work::save_best(double score, Json metrics) {
  position.best_score = score;
  position.best_epoch = position.epoch + 1;
  CheckpointInfo best = info;
  best.metrics = std::move(metrics);
  best.metrics["epoch"] = position.epoch + 1;
  nn::write_safetensors(folder.best(), weights_of(method), to_metadata(best));
}

/// Score of the current state on the validation part, higher is better; adds its figures to the epoch's record.
double Trainer::Work::validate(const StageRun& run, Json& row, std::string& line) {
  if (run.stage().validate) {
    const torch::NoGradGuard no_grad;
    const batch::PackedSet valid_set(pack, pack::Split::valid);
    double sum = 0;
    method.network().eval();
    batch::for_each_batch(valid_set, method.facts().input, static_cast<std::size_t>(config.batch_size), device,
                          [&](const batch::Batch& batch) {
                            sum += method::total(run.stage().validate(batch)).item<double>() *
                                   static_cast<double>(batch.size());
                            return true;
                          });
    const double loss = sum / static_cast<double>(valid_set.size());
    row["valid"] = {{"loss", loss}};
    line += text("  valid loss ", fixed(loss, 4));
    return -loss;
  }
  const auto predictor = make_predictor(method, *pack, {device, precision.bfloat16, config.channels_last, false});
  const auto valid = score::evaluate(predictor, method.facts().classes, *pack, pack::Split::valid,
                                     {.batch_size = 128, .temperature = 1, .seed = 0, .progress = {}});
  row["valid"] = {{"accuracy", valid.accuracy}, {"mean_recall", valid.mean_recall}, {"ece", valid.ece}};
  line += text("  valid accuracy ", fixed(100 * valid.accuracy, 2), " %  mean recall ",
               fixed(100 * valid.mean_recall, 2), " %");
  if (const auto noise = noise_watch ? noise_watch->judge(predictor) : std::nullopt) {
    row["noise"] = {{"wrong", noise->wrong}, {"memorised", noise->memorised}, {"recovered", noise->recovered}};
    line += text("  memorised ", fixed(100 * noise->memorised, 1), " % of the wrong labels");
  }
  return valid.accuracy;
}

void Trainer::Work::report(const StageRun& run, const batch::Loader& loader) {
  if (!talk.progress) return;
  std::string detail = text("epoch ", position.epoch + 1, "/", run.num_epochs());
  for (const auto& [name, value] : means.means()) detail += text("  ", name, " ", fixed(value, 3));
  const double rate = static_cast<double>(pictures) / std::max(1e-9, wait_seconds + step_seconds);
  const auto steps_left = loader.steps_per_epoch() * (run.num_epochs() - position.epoch) - position.step;
  const double per_step =
      (wait_seconds + step_seconds) / std::max<double>(1, static_cast<double>(pictures) / config.batch_size);
  detail += text("  ", fixed(rate, 0), " img/s  wait ",
                 fixed(100 * wait_seconds / std::max(1e-9, wait_seconds + step_seconds), 1), " %  left ",
                 clock_text(static_cast<double>(steps_left) * per_step), "  ", fixed(resident_gb(), 1), " GB");
  talk.progress({"step", position.step, loader.steps_per_epoch(), detail});
}

/// One epoch from position.step on; false where it was interrupted (and saved).
bool Trainer::Work::run_epoch(StageRun& run, batch::Loader& loader) {
  run.set_modes(position.epoch);
  while (position.step < loader.steps_per_epoch()) {
    const auto begin = Clock::now();
    const batch::Batch batch = loader.next(position.epoch, position.step);
    wait_seconds += seconds_since(begin);
    const auto work = Clock::now();
    run.step(batch, context(run, loader), means);
    step_seconds += seconds_since(work);
    pictures += batch.size();
    ++position.step;
    report(run, loader);
    if (cancelled()) {
      save_last(run);
      return false;
    }
    if (seconds_since(last_save) > config.save_minutes * 60) save_last(run);
  }
  return true;
}

void Trainer::Work::finish_epoch(StageRun& run, const method::HookContext& end, double seconds) {
  Json row = {{"stage", run.stage().name}, {"epoch", position.epoch + 1}};
  std::string line = text("epoch ", position.epoch + 1, "/", run.num_epochs());
  for (const auto& [name, value] : means.means()) {
    row["loss"][name] = value;
    line += text("  ", name, " ", fixed(value, 4));
  }
  if ((position.epoch + 1) % config.eval_every == 0 || position.epoch + 1 == run.num_epochs()) {
    if (run.ema()) run.ema()->swap();
    const double score = validate(run, row, line);
    if (score > position.best_score) save_best(score, row.at("valid"));
    if (run.ema()) run.ema()->swap();
  }
  const double rate = static_cast<double>(pictures) / std::max(1e-9, wait_seconds + step_seconds);
  row["learning_rate"] = run.rate(end.step);
  if (!end.record.empty()) row["record"] = end.record;
  row["seconds"] = seconds;
  row["images_per_second"] = rate;
  row["wait_share"] = wait_seconds / std::max(1e-9, wait_seconds + step_seconds);
  row["resident_gb"] = resident_gb();
  folder.append_metrics(row);
  write_run_page(folder, info.training, report::RunState::running);
  log(line + text("  ", fixed(rate, 0), " img/s  ", fixed(seconds, 0), " s"));
}

bool Trainer::Work::run_stage(method::Stage stage) {
  StageRun run(method, std::move(stage), config, device, precision.bfloat16);
  if (resumed) {
    run.load_state(resumed->tensors, resumed->origin);
    resumed.reset();
  }
  const auto& needs = run.stage().needs;
  const int batch_size = needs.batch_size > 0 ? needs.batch_size : config.batch_size;
  batch::Loader loader(train_set, {needs.views, needs.sampler, static_cast<std::size_t>(batch_size), needs.drop_last,
                                   static_cast<std::uint64_t>(config.seed), device, config.channels_last});
  const auto& hooks = run.stage().hooks;
  method::HookContext hook{context(run, loader),
                           [&](bool augmented, const std::function<bool(const batch::Batch&)>& visit) {
                             const auto in_precision = [&](const batch::Batch& batch) {
                               const nn::Autocast autocast(precision.bfloat16, device.type());
                               return visit(batch);
                             };
                             if (!augmented)
                               return batch::for_each_batch(train_set, method.facts().input,
                                                            static_cast<std::size_t>(batch_size), device, in_precision);
                             for (std::int64_t step = 0; step < loader.steps_per_epoch(); ++step)
                               if (!in_precision(loader.next(position.epoch, step))) return;
                           },
                           Json::object()};
  if (position.epoch == 0 && position.step == 0 && hooks.stage_begin) hooks.stage_begin(hook);
  for (; position.epoch < run.num_epochs(); ++position.epoch, position.step = 0) {
    const auto begin = Clock::now();
    wait_seconds = step_seconds = 0;
    pictures = 0;
    if (position.step == 0) {
      means.clear();
      hook.step = context(run, loader);
      if (hooks.epoch_begin) hooks.epoch_begin(hook);
    }
    if (!run_epoch(run, loader)) return false;
    hook.step = context(run, loader);
    hook.record = Json::object();
    if (hooks.epoch_end) hooks.epoch_end(hook);
    finish_epoch(run, hook, seconds_since(begin));
    // Saved as the beginning of the next epoch.
    ++position.epoch, position.step = 0;
    save_last(run);
    --position.epoch;
    if (cancelled() && position.epoch + 1 < run.num_epochs()) return false;
  }
  if (run.stage().hand_over == method::HandOver::best && std::filesystem::exists(folder.best()))
    load_weights(method, nn::read_safetensors(folder.best()));
  return true;
}

Trainer::Trainer(method::Method& method, const TrainConfig& config, CheckpointInfo info,
                 std::shared_ptr<const pack::Pack> pack, RunFolder folder, Talk talk)
    : work_(std::make_unique<Work>(method, config, std::move(info), std::move(pack), std::move(folder),
                                   std::move(talk))) {
  if (config.threads > 0)
    at::set_num_threads(config.threads);
  else if (usable_cores() < at::get_num_threads())
    at::set_num_threads(usable_cores());  // a container's share of time
  work_->place_on_device();
}

Trainer::~Trainer() = default;

void Trainer::resume() {
  Work& w = *work_;
  const auto path = w.folder.last();
  nn::TensorFile file = nn::read_safetensors(path);
  const auto found = file.metadata.find(kProgressKey);
  check_input(found != file.metadata.end(), path.string() + ": not the last checkpoint of a run.",
              "Only last.safetensors can be resumed; start from others with --init.");
  load_weights(w.method, file);
  const Json progress = parse_json(found->second, path.string());
  w.position = {json_at<std::size_t>(progress, "stage", path.string()), json_at<int>(progress, "epoch", path.string()),
                json_at<std::int64_t>(progress, "step", path.string()),
                json_at<double>(progress, "best_score", path.string()),
                json_at<int>(progress, "best_epoch", path.string())};
  w.means.load(progress.at("means"));
  w.resumed = std::move(file);
  w.log(text("resumed at epoch ", w.position.epoch + 1, ", step ", w.position.step));
}

TrainResult Trainer::run() {
  Work& w = *work_;
  w.log(text("precision ", w.precision.bfloat16 ? "bfloat16" : "float32", " (", w.precision.reason, "), device ",
             w.device.str(), ", ", at::get_num_threads(), " threads, ", w.train_set.size(), " training pictures"));
  auto stages = w.method.stages();
  if (w.resumed) {
    std::vector<std::string> done;
    for (std::size_t i = 0; i < w.position.stage; ++i) done.push_back(stages.at(i).name);
    w.folder.trim_metrics(done, stages.at(w.position.stage).name, w.position.epoch);
  }
  for (; w.position.stage < stages.size(); ++w.position.stage, w.position.epoch = 0, w.position.step = 0)
    if (!w.run_stage(std::move(stages[w.position.stage]))) return {true, w.position.best_score, w.position.best_epoch};
  return {false, w.position.best_score, w.position.best_epoch};
}

}  // namespace mien::train
