// SPDX-License-Identifier: Apache-2.0
#include "mien/method/optimiser_options.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mien::method {
namespace {

double half_cosine(double progress) { return 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(progress, 0.0, 1.0))); }

/// YOLOX: rate per whole epoch, quadratic warm-up, cosine, then flat at the floor.
double yolox_factor(const ScheduleOptions& s, int epoch, int num_epochs) {
  if (epoch <= s.warmup_epochs && s.warmup_epochs > 0)
    return (1 - s.warmup_start) * std::pow(epoch / s.warmup_epochs, 2) + s.warmup_start;
  if (epoch >= num_epochs - s.flat_epochs) return s.floor;
  return s.floor + (1 - s.floor) * half_cosine((epoch - s.warmup_epochs) /
                                               std::max(1.0, num_epochs - s.warmup_epochs - s.flat_epochs));
}

}  // namespace

void declare(Fields& f, OptimiserOptions& o) {
  f.add("optimiser.kind", o.kind, "optimiser");
  f.add("optimiser.rate", o.rate, "peak learning rate").range(0, 100);
  f.add("optimiser.momentum", o.momentum, "momentum of sgd").range(0, 1);
  f.add("optimiser.nesterov", o.nesterov, "Nesterov momentum for sgd");
  f.add("optimiser.beta1", o.beta1, "decay of the first moment of adam, adamw and ranger").range(0, 1);
  f.add("optimiser.beta2", o.beta2, "decay of the second moment of adam, adamw and ranger").range(0, 1);
  f.add("optimiser.eps", o.eps, "offset added to the denominator of adam, adamw and ranger").range(0, 1);
  f.add("optimiser.weight_decay", o.weight_decay, "weight decay; decoupled for adamw and ranger").range(0, 10);
  f.add("optimiser.decay_norms_and_biases", o.decay_norms_and_biases,
        "apply weight decay to norms and biases; false: only to tensors of rank 2 or more");
  f.add("optimiser.clip_norm", o.clip_norm, "largest gradient norm; 0: no limit").range(0, 1e9);
  auto& s = o.schedule;
  f.add("schedule.kind", s.kind, "learning rate schedule");
  f.add("schedule.gamma", s.gamma, "decay factor of exponential (per epoch), step and multistep").range(0, 1);
  f.add("schedule.every", s.every, "epochs between the decreases of 'step'").range(1, 1e6);
  f.add("schedule.milestones", s.milestones, "epochs at which 'multistep' decreases the rate").range(0, 1e6);
  f.add("schedule.floor", s.floor, "final rate as a fraction of the peak (cosine, yolox)").range(0, 1);
  f.add("schedule.warmup_epochs", s.warmup_epochs, "epochs of warm-up, linear per step (yolox: quadratic)")
      .range(0, 1e6);
  f.add("schedule.warmup_start", s.warmup_start, "initial rate of the warm-up as a fraction of the peak").range(0, 1);
  f.add("schedule.warmup_overrides", s.warmup_overrides,
        "the cosine starts at the first epoch and the warm-up replaces its beginning; false: the cosine starts after "
        "the warm-up");
  f.add("schedule.flat_epochs", s.flat_epochs, "number of final epochs at the floor (cosine, yolox)").range(0, 1e6);
}

double schedule_factor(const ScheduleOptions& s, std::int64_t step, std::int64_t steps_per_epoch, int num_epochs) {
  const double per_epoch = static_cast<double>(std::max<std::int64_t>(1, steps_per_epoch));
  const int epoch = static_cast<int>(step / std::max<std::int64_t>(1, steps_per_epoch));
  if (s.kind == ScheduleKind::yolox) return yolox_factor(s, epoch, num_epochs);
  const double warmup_steps = s.warmup_epochs * per_epoch;
  if (static_cast<double>(step) < warmup_steps)
    return s.warmup_start + (1 - s.warmup_start) * (static_cast<double>(step) + 1) / warmup_steps;
  if (s.kind == ScheduleKind::exponential) return std::pow(s.gamma, epoch);
  if (s.kind == ScheduleKind::step) return std::pow(s.gamma, epoch / s.every);
  if (s.kind == ScheduleKind::multistep)
    return std::pow(s.gamma,
                    std::count_if(s.milestones.begin(), s.milestones.end(), [&](double m) { return epoch >= m; }));
  if (s.kind == ScheduleKind::cosine) {
    const double begin = s.warmup_overrides ? 0 : warmup_steps;
    const double end = (num_epochs - s.flat_epochs) * per_epoch;
    return s.floor + (1 - s.floor) * half_cosine((static_cast<double>(step) - begin) / std::max(1.0, end - begin));
  }
  return 1;
}

}  // namespace mien::method
