// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/memory.h"

#include <algorithm>

#include "mien/nn/float32.h"
#include "mien/nn/state.h"

namespace mien::methods::ifer {
namespace {

constexpr std::int64_t kFewer = 2, kMore = 4;  ///< pictures of the two steps that are measured

/// Tensors of a parameter's size that an optimiser keeps.
int states_of(method::OptimiserKind kind) {
  switch (kind) {
    case method::OptimiserKind::sgd:
      return 1;
    case method::OptimiserKind::ranger:
      return 3;
    default:
      return 2;
  }
}

double bytes_of_parameters(const method::Player& player) {
  double bytes = 0;
  for (const auto& group : player.groups)
    for (const auto& [name, value] : group.parameters) bytes += static_cast<double>(value.nbytes());
  return bytes;
}

/// Memory kept between steps: the optimisers' state and the moving averages.
double bytes_kept(const method::Stage& stage) {
  double bytes = 0;
  for (const auto& player : stage.players)
    bytes += bytes_of_parameters(player) * (states_of(player.optimiser.kind) + (player.average ? 1 : 0));
  return bytes;
}

/// At least one player's gradients exist at a time.
double bytes_of_gradients(const method::Stage& stage) {
  double most = 0;
  for (const auto& player : stage.players) most = std::max(most, bytes_of_parameters(player));
  return most;
}

batch::Batch first_rows(const batch::Batch& batch, std::int64_t rows) {
  batch::Batch out = batch;
  for (auto& view : out.views) view = view.narrow(0, 0, rows);
  for (at::Tensor* part : {&out.labels, &out.distribution, &out.index})
    if (part->defined()) *part = part->narrow(0, 0, rows);
  return out;
}

/// Restores the values that a step changes: the twin of the discriminator and the mean path length.
class Unchanged {
 public:
  explicit Unchanged(const MemoryCheck& check)
      : network_(check.network), tensors_(nn::state_of(*check.network->dis->model_k)) {
    if (check.path_mean.defined()) tensors_.emplace_back("path_mean", check.path_mean);
    for (const auto& [name, value] : tensors_) kept_.push_back(value.detach().clone());
  }
  ~Unchanged() {
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < tensors_.size(); ++i) tensors_[i].second.copy_(kept_[i]);
    network_->zero_grad();
  }
  Unchanged(const Unchanged&) = delete;
  Unchanged& operator=(const Unchanged&) = delete;

 private:
  IferNet network_;
  nn::NamedTensors tensors_;
  std::vector<at::Tensor> kept_;
};

void set_modes(const method::Stage& stage, IferNet& network) {
  network->train();
  for (auto& parameter : network->named_parameters())
    parameter.value().requires_grad_(
        std::none_of(stage.frozen.begin(), stage.frozen.end(),
                     [&](const std::string& prefix) { return parameter.key().starts_with(prefix); }));
}

/// As in the Trainer, which sets the modes and the frozen parts again before each turn.
double peak_of_step(const method::Stage& stage, const MemoryCheck& check, const batch::Batch& batch) {
  const Unchanged unchanged(check);
  IferNet network = check.network;
  const at::Device device = batch.images().device();
  return nn::peak_memory(device, [&] {
    for (const auto& turn : stage.turns) {
      set_modes(stage, network);
      const at::Tensor total = method::total(turn.losses(batch, {}));
      network->zero_grad();
      const nn::Float32 plain(device.type());
      total.backward();
    }
  });
}

void require(const method::Stage& stage, const MemoryCheck& check, const batch::Batch& batch) {
  const auto available = check.free_memory(batch.images().device());
  if (!available) return;
  const std::int64_t pictures = batch.size();
  const auto refuse_more = [&](const nn::StepMemory& need) {
    nn::require_memory(need, pictures, *available, stage.name, check.setting, check.multiple);
  };
  refuse_more({bytes_kept(stage) + bytes_of_gradients(stage), 0});
  if (pictures > kMore) refuse_more(measure_step(stage, check, batch));
}

}  // namespace

nn::StepMemory measure_step(const method::Stage& stage, const MemoryCheck& check, const batch::Batch& batch) {
  const double fewer = peak_of_step(stage, check, first_rows(batch, kFewer));
  const double more = peak_of_step(stage, check, first_rows(batch, kMore));
  nn::StepMemory need;
  need.per_picture = std::max(0.0, more - fewer) / (kMore - kFewer);
  need.fixed = std::max(0.0, fewer - need.per_picture * kFewer) + bytes_kept(stage);
  return need;
}

void check_memory_first(method::Stage& stage, MemoryCheck check) {
  const auto begin = std::move(stage.hooks.stage_begin);
  stage.hooks.stage_begin = [stage, begin, check = std::move(check)](method::HookContext& context) {
    if (begin) begin(context);
    if (!context.for_each_batch) return;
    context.for_each_batch(false, [&](const batch::Batch& batch) {
      require(stage, check, batch);
      return false;
    });
  };
}

}  // namespace mien::methods::ifer
