// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/memory.h"

#include <ATen/DeviceAccelerator.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "mien/base/container.h"
#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::nn {
namespace {

constexpr double kCertainlyTooMuch = 1.1;

/// Receives the reports of LibTorch's allocators. Backward passes on CUDA run in separate threads.
class Meter : public c10::MemoryReportingInfoBase {
 public:
  explicit Meter(at::Device device) : device_(device) {}
  void reportMemoryUsage(void*, std::int64_t size, std::size_t, std::size_t, c10::Device device) override {
    if (device.type() != device_.type()) return;
    const std::int64_t now = now_ += size;
    std::int64_t peak = peak_;
    while (now > peak && !peak_.compare_exchange_weak(peak, now)) continue;
  }
  bool memoryProfilingEnabled() const override { return true; }
  double peak() const { return static_cast<double>(peak_.load()); }

 private:
  at::Device device_;
  std::atomic<std::int64_t> now_ = 0, peak_ = 0;
};

}  // namespace

double peak_memory(at::Device device, const std::function<void()>& work) {
  const auto meter = std::make_shared<Meter>(device);
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, meter);
  work();
  return meter->peak();
}

std::optional<double> free_memory(at::Device device) {
  if (!device.is_cuda()) return memory_available();
  const auto index = device.has_index() ? device.index() : c10::DeviceIndex{0};
  const auto total = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  const auto stats = at::accelerator::getDeviceStats(index);
  const auto unused = stats.reserved_bytes[total].current - stats.allocated_bytes[total].current;
  return static_cast<double>(at::accelerator::getMemoryInfo(index).first) + static_cast<double>(unused);
}

std::int64_t largest_batch(const StepMemory& need, double available, std::int64_t multiple) {
  const double room = available - need.fixed;
  if (room <= 0) return 0;
  const auto pictures = static_cast<std::int64_t>(std::floor(room / need.per_picture));
  return pictures - pictures % multiple;
}

void require_memory(const StepMemory& need, std::int64_t pictures, double available, const std::string& stage,
                    const std::string& setting, std::int64_t multiple) {
  if (need.of(pictures) <= kCertainlyTooMuch * available) return;
  const std::int64_t most = std::min(largest_batch(need, available, multiple), pictures - 1);
  const std::string remedy =
      most > 0 ? fmt::format("Set {}={} or less: the largest batch that fits is {}.", setting, most, most)
               : "Not even the smallest batch fits. Use a smaller network, or a machine with more memory.";
  fail_usage(fmt::format("Stage {} needs about {:.1f} GB for batches of {} pictures ({}), but only {:.1f} GB are free.",
                         quote(stage), need.of(pictures) / 1e9, pictures, setting, available / 1e9),
             remedy);
}

}  // namespace mien::nn
