// SPDX-License-Identifier: Apache-2.0
#include "mien/train/checkpoint_writer.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"

namespace mien::train {
namespace {

constexpr const char* kProgressKey = "mien.progress";
constexpr double kMostSaving = 0.05;  ///< share of the time

}  // namespace

double save_interval(double wished_seconds, double save_seconds) {
  return std::max(wished_seconds, save_seconds / kMostSaving);
}

CheckpointWriter::CheckpointWriter(method::Method& method, CheckpointInfo info, double save_minutes, LogSink log)
    : method_(method),
      info_(std::move(info)),
      wished_seconds_(save_minutes * 60),
      interval_(wished_seconds_),
      log_(std::move(log)) {
  info_.temperature = 1;  // a calibration holds only for the weights it was measured with
  info_.calibration.reset();
}

void CheckpointWriter::check_finite() const {
  for (const auto& parameter : method_.network().named_parameters())
    if (!parameter.value().isfinite().all().item<bool>())
      throw Error(ErrorKind::failed, fmt::format("The weights are no longer finite: {}.", parameter.key()),
                  kNotFiniteRemedy);
}

void CheckpointWriter::save_last(const std::filesystem::path& path, const nn::NamedTensors& bookkeeping,
                                 const Json& progress) {
  check_finite();
  const auto begin = Clock::now();
  nn::NamedTensors all = weights_of(method_);
  all.insert(all.end(), bookkeeping.begin(), bookkeeping.end());
  auto metadata = to_metadata(info_);
  metadata[kProgressKey] = compact(progress);
  nn::write_safetensors(path, all, metadata);
  last_save_ = Clock::now();
  note_duration(path, std::chrono::duration<double>(last_save_ - begin).count());
}

void CheckpointWriter::note_duration(const std::filesystem::path& path, double seconds) {
  const double interval = save_interval(wished_seconds_, seconds);
  const bool is_news = interval > wished_seconds_ && interval_ == wished_seconds_;
  interval_ = interval;
  if (!is_news) return;
  std::error_code ignored;
  const auto bytes = static_cast<double>(std::filesystem::file_size(path, ignored));
  log_(
      fmt::format("A checkpoint of {:.1f} GB takes {:.1f} s to write: within an epoch, one is written every {:.1f} "
                  "minutes instead of every {:.1f}.",
                  bytes / 1e9, seconds, interval / 60, wished_seconds_ / 60));
}

void CheckpointWriter::save_best(const std::filesystem::path& path, Json metrics) const {
  CheckpointInfo best = info_;
  best.metrics = std::move(metrics);
  nn::write_safetensors(path, weights_of(method_), to_metadata(best));
}

bool CheckpointWriter::is_due() const {
  return std::chrono::duration<double>(Clock::now() - last_save_).count() > interval_;
}

Json CheckpointWriter::progress_of(const nn::TensorFile& last) {
  const auto found = last.metadata.find(kProgressKey);
  check_input(found != last.metadata.end(), last.origin + ": not the last checkpoint of a run.",
              "Only last.safetensors can be resumed; use --init to start from another checkpoint.");
  return parse_json(found->second, last.origin);
}

}  // namespace mien::train
