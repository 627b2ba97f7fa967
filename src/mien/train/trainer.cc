// SPDX-License-Identifier: Apache-2.0
#include "mien/train/trainer.h"

#include <fmt/core.h>

#include <chrono>

#include "mien/base/container.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/random.h"
#include "mien/nn/layout.h"

namespace mien::train {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void set_threads(int wished) {
  if (wished > 0)
    at::set_num_threads(wished);
  else if (usable_cores() < at::get_num_threads())
    at::set_num_threads(usable_cores());  // respects a container's limit
}

/// Moves values without changing the tensor objects that optimisers and losses hold.
void place_on_device(method::Method& method, at::Device device, bool channels_last) {
  const auto place = [&](at::Tensor& t) {
    at::Tensor moved = t.detach().to(device);
    if (channels_last && moved.dim() == 4) moved = nn::channels_last(moved);
    t.set_data(moved);
  };
  for (auto& [name, value] : nn::state_of(method.network())) place(value);
  for (auto& [name, value] : method.extra_state()) place(value);
  for (auto& [name, value] : method.fixed_state()) place(value);
}

CheckpointInfo with_own_packs(CheckpointInfo info, std::vector<face::StagePack> packs) {
  info.provenance.own_packs = std::move(packs);
  return info;
}

/// One player: a number; several: an object by name.
Json rates_json(const std::vector<std::pair<std::string, double>>& rates) {
  if (rates.size() == 1) return rates.front().second;
  Json out = Json::object();
  for (const auto& [player, rate] : rates) out[player] = rate;
  return out;
}

/// The files of an epoch's pictures, below the run's folder.
Json picture_entries(const std::vector<method::Picture>& pictures, const std::string& stage, int epoch) {
  Json out = Json::array();
  for (std::size_t i = 0; i < pictures.size(); ++i)
    out.push_back(
        {{"file", fmt::format("pictures/{}-{}-{}.png", stage, epoch, i + 1)}, {"caption", pictures[i].caption}});
  return out;
}

}  // namespace

Trainer::Trainer(method::Method& method, const TrainConfig& config, CheckpointInfo info,
                 std::shared_ptr<const pack::Pack> pack, RunFolder folder, Talk talk)
    : method_(method),
      config_(config),
      folder_(std::move(folder)),
      talk_(std::move(talk)),
      device_(nn::device_from(config.device)),
      precision_(nn::choose_precision(config.precision, device_)),
      stages_(method.stages()),
      plans_(plan_stages(stages_, config)),
      data_(open_stage_data(stages_, plans_, std::move(pack), config, method.facts())),
      checkpoints_(method, with_own_packs(std::move(info), own_packs(stages_, data_)), config.save_minutes,
                   [this](const std::string& line) { log(line); }) {
  set_threads(config.threads);
  place_on_device(method, device_, config.channels_last);
}

void Trainer::log(const std::string& line) {
  folder_.append_log(line);
  if (talk_.log) talk_.log(line);
}

method::StepContext Trainer::context(std::int64_t steps_per_epoch) const {
  return {position_.epoch, plan().num_epochs, position_.epoch * steps_per_epoch + position_.step,
          steps_per_epoch, plan().span_begin, plan().span_epochs};
}

ValidationOptions Trainer::validation_options() const {
  return {device_, precision_.bfloat16, config_.channels_last, static_cast<std::size_t>(plan().batch_size)};
}

bool Trainer::is_last_stage() const {
  for (std::size_t i = position_.stage + 1; i < plans_.size(); ++i)
    if (plans_[i].is_chosen) return false;
  return true;
}

std::filesystem::path Trainer::best_path() const {
  return is_last_stage() ? folder_.best() : folder_.best_of(stage().name);
}

std::string Trainer::epoch_text() const {
  return fmt::format("{}epoch {}/{}", stages_.size() > 1 ? stage().name + "  " : "", position_.epoch + 1,
                     plan().num_epochs);
}

void Trainer::report(const batch::Loader& loader) {
  if (!talk_.progress) return;
  std::string detail = epoch_text();
  for (const auto& [name, value] : means_.means()) detail += fmt::format("  {} {:.3f}", name, value);
  const auto steps_left = loader.steps_per_epoch() * (plan().num_epochs - position_.epoch) - position_.step;
  detail += fmt::format(
      "  {:.0f} img/s  wait {:.1f} %  left {}  {:.1f} GB", meter_.pictures_per_second(), 100 * meter_.wait_share(),
      clock_text(meter_.seconds_left(steps_left, pictures_after(position_.stage, stages_, plans_, data_))),
      resident_gb());
  talk_.progress({"step", position_.step, loader.steps_per_epoch(), detail});
}

void Trainer::save_last(const StageRun& run, const Position& position) {
  Json progress = to_json(position);
  progress["means"] = means_.to_json();
  checkpoints_.save_last(folder_.last(), run.state(), progress);
}

bool Trainer::run_epoch(StageRun& run, batch::Loader& loader) {
  while (position_.step < loader.steps_per_epoch()) {
    const auto begin = Clock::now();
    const batch::Batch batch = loader.next(position_.epoch, position_.step);
    const double wait = seconds_since(begin);
    run.step(batch, context(loader.steps_per_epoch()), means_);
    meter_.add(wait, seconds_since(begin) - wait, batch.size());
    ++position_.step;
    report(loader);
    if (cancelled()) {
      save_last(run, position_);
      return false;
    }
    if (checkpoints_.is_due()) save_last(run, position_);
  }
  return true;
}

/// Evaluates the averages, if there are some, and saves the best.
Validation Trainer::judge(StageRun& run) {
  run.swap_averages();
  Validation validation = validate(method_, stage(), data(), validation_options());
  const auto& judgement = validation.judgement;
  if (judgement.figure.empty() || judgement.score > position_.best.judgement.score) {
    position_.best = {stage().name, judgement, position_.epoch + 1};
    Json metrics = validation.row.value("valid", Json::object());
    metrics["epoch"] = position_.epoch + 1;
    if (stages_.size() > 1) metrics["stage"] = stage().name;
    checkpoints_.save_best(best_path(), std::move(metrics));
  }
  run.swap_averages();
  return validation;
}

void Trainer::finish_epoch(StageRun& run, const method::HookContext& end, double seconds) {
  Json row = {{"stage", stage().name}, {"epoch", position_.epoch + 1}};
  std::string line = epoch_text();
  for (const auto& [name, value] : means_.means()) {
    row["loss"][name] = value;
    line += fmt::format("  {} {:.4f}", name, value);
  }
  if ((position_.epoch + 1) % config_.eval_every == 0 || position_.epoch + 1 == plan().num_epochs) {
    const Validation validation = judge(run);
    row.update(validation.row);
    line += validation.text;
  }
  row["learning_rate"] = rates_json(run.rates(end.step));
  if (!end.record.empty()) row["record"] = end.record;
  if (!end.pictures.empty()) row["pictures"] = picture_entries(end.pictures, stage().name, position_.epoch + 1);
  row["seconds"] = seconds;
  row["images_per_second"] = meter_.pictures_per_second();
  row["wait_share"] = meter_.wait_share();
  row["resident_gb"] = resident_gb();
  folder_.append_metrics(row);
  if (talk_.epoch) talk_.epoch({row, end.pictures});
  log(line + fmt::format("  {:.0f} img/s  {:.0f} s", meter_.pictures_per_second(), seconds));
}

method::HookContext Trainer::hook_context(const method::StepContext& step, batch::Loader& loader) {
  const auto in_precision = [this](const std::function<bool(const batch::Batch&)>& visit) {
    return [this, visit](const batch::Batch& batch) {
      const nn::Autocast autocast(precision_.bfloat16, device_.type());
      return visit(batch);
    };
  };
  method::HookContext hook;
  hook.step = step;
  hook.for_each_batch = [this, in_precision, &loader, epoch = step.epoch](
                            bool augmented, const std::function<bool(const batch::Batch&)>& visit) {
    const auto cast = in_precision(visit);
    if (!augmented)
      return batch::for_each_batch(*data().train, method_.facts().input, static_cast<std::size_t>(plan().batch_size),
                                   device_, cast, fields_of(stage().needs));
    for (std::int64_t i = 0; i < loader.steps_per_epoch(); ++i)
      if (!cast(loader.next(epoch, i))) return;
  };
  hook.for_each_validation_batch = [this](const std::function<bool(const batch::Batch&)>& visit) {
    for_each_validation_batch(method_, stage(), data(), validation_options(), visit);
  };
  return hook;
}

void Trainer::call(const std::function<void(method::HookContext&)>& hook, const char* name,
                   method::HookContext& context) {
  if (!hook) return;
  const auto epoch = static_cast<std::uint64_t>(context.step.epoch);
  nn::seed_everything(Random::stream(plan().seed, name, epoch).next());
  hook(context);
}

void Trainer::begin_stage(batch::Loader& loader, bool is_resumed) {
  if (stages_.size() > 1)
    log(fmt::format("stage {}: {} training pictures, {} epochs of {} steps", stage().name, data().train->size(),
                    plan().num_epochs, loader.steps_per_epoch()));
  method::StepContext first = context(loader.steps_per_epoch());
  first.epoch = 0;
  first.step = 0;
  auto hook = hook_context(first, loader);
  hook.is_resumed = is_resumed;
  call(stage().hooks.stage_begin, "stage begin", hook);
}

bool Trainer::is_stage_over() const {
  if (position_.epoch >= plan().num_epochs) return true;
  const int since_best = position_.epoch - position_.best.epoch;
  return stage().patience > 0 && position_.step == 0 && since_best >= stage().patience;
}

void Trainer::hand_over(StageRun& run) {
  if (stage().hand_over == method::HandOver::average)
    for (auto& average : run.averages()) average.apply();
  if (stage().hand_over == method::HandOver::best && path_exists(best_path()))
    load_weights(method_, nn::read_safetensors(best_path()));
  averages_ = std::move(run.averages());
  position_.finished.push_back(position_.best);
}

bool Trainer::run_stage() {
  batch::Loader loader(*data().train, loader_options(stage(), plan(), device_, config_.channels_last));
  if (!is_stage_over()) begin_stage(loader, resumed_.has_value());
  // After stage_begin, which may change the weights that averages start from.
  StageRun run(method_, stage(), *data().pack, {plan(), config_.ema_decay, device_, precision_.bfloat16});
  if (resumed_)
    run.load_state(resumed_->tensors, resumed_->origin);
  else
    run.continue_averages(averages_);
  resumed_.reset();
  for (; !is_stage_over(); ++position_.epoch, position_.step = 0) {
    const auto begin = Clock::now();
    meter_.clear();
    if (position_.step == 0) {
      means_.clear();
      auto hook = hook_context(context(loader.steps_per_epoch()), loader);
      call(stage().hooks.epoch_begin, "epoch begin", hook);
    }
    if (!run_epoch(run, loader)) return false;
    auto hook = hook_context(context(loader.steps_per_epoch()), loader);
    call(stage().hooks.epoch_end, "epoch end", hook);
    finish_epoch(run, hook, seconds_since(begin));
    Position next = position_;
    ++next.epoch;
    next.step = 0;
    save_last(run, next);
    const bool is_run_over = is_last_stage() && next.epoch == plan().num_epochs;
    if (cancelled() && !is_run_over) return false;
  }
  hand_over(run);
  return true;
}

void Trainer::resume() {
  nn::TensorFile file = nn::read_safetensors(folder_.last());
  const Json progress = CheckpointWriter::progress_of(file);
  const auto packs = info_from(file.metadata, file.origin).provenance.own_packs;
  check_input(packs == checkpoints_.info().provenance.own_packs,
              file.origin + ": the pack of a stage differs from the one that the run started with.",
              "Resume with the packs that the run started with, or start a new run.");
  position_ = position_from_json(progress, file.origin);
  check_input(position_.stage < stages_.size() && plan().is_chosen,
              file.origin + ": the saved stage is not one of the run's stages.",
              "Only the run's own last.safetensors can be resumed.");
  load_weights(method_, file);
  means_.load(progress.at("means"));
  resumed_ = std::move(file);
  log(fmt::format("resumed at {}epoch {}, step {}", stages_.size() > 1 ? "stage " + stage().name + ", " : "",
                  position_.epoch + 1, position_.step));
}

/// Drops the rows that a resumed run writes again.
void Trainer::trim_metrics() const {
  std::vector<std::string> done;
  for (std::size_t i = 0; i < position_.stage; ++i) done.push_back(stages_[i].name);
  folder_.trim_metrics(done, stage().name, position_.epoch);
}

TrainResult Trainer::run() {
  while (position_.stage < plans_.size() && !plan().is_chosen) ++position_.stage;
  log(fmt::format("precision {} ({}), device {}, {} threads, {} training pictures",
                  precision_.bfloat16 ? "bfloat16" : "float32", precision_.reason, device_.str(), at::get_num_threads(),
                  data().train->size()));
  if (resumed_) trim_metrics();
  bool is_done = true;
  while (is_done && position_.stage < stages_.size()) {
    if (plan().is_chosen) is_done = run_stage();
    if (!is_done) break;
    ++position_.stage;
    position_.epoch = 0;
    position_.step = 0;
    position_.best = {};
  }
  TrainResult result{!is_done, position_.finished};
  if (!is_done) result.stages.push_back(position_.best);
  return result;
}

}  // namespace mien::train
