// SPDX-License-Identifier: Apache-2.0
#include "mien/app/benchmark/benchmark.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "mien/image/crop.h"
#include "mien/image/image.h"
#include "mien/recognise/recognizer.h"

namespace mien::app {
namespace {

using Clock = std::chrono::steady_clock;
double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

recognise::RecognizerOptions recognizer_options(const BenchSetup& setup) {
  recognise::RecognizerOptions o;
  o.model = setup.model;
  o.use_detector = setup.detector != "none";
  if (o.use_detector) o.finder.detector = detect::detector_kind(setup.detector);
  o.finder.threads = setup.threads;
  o.finder.precision = setup.precision;
  return o;
}

/// The networks of one set-up and their measurements.
class Runner {
 public:
  explicit Runner(const BenchSetup& setup) : begin_(Clock::now()), recognizer_(recognizer_options(setup)) {
    result_.setup = setup;
    result_.detector_name = recognizer_.detector_name();
    result_.load_ms = ms_since(begin_);
    result_.kernels = recognizer_.instruction_sets();
    for (const char* stage : {"decode", "detect", "align", "net", "post", "total"}) samples_.push_back({stage, {}});
    if (setup.batch == 0) return;
    samples_.push_back({"batch", {}});
    const face::InputSpec& spec = recognizer_.card().input;
    side_ = image::crop_side(spec);
    crops_.resize(static_cast<std::size_t>(setup.batch) * side_ * side_ * spec.channels);
    for (std::size_t i = 0; i < crops_.size(); ++i) crops_[i] = static_cast<std::uint8_t>(i * 37 % 251);
    session_ = std::make_unique<runtime::ExpressionSession>(recognizer_.model());
  }

  void pass(const std::vector<std::filesystem::path>& pictures, bool is_measured) {
    std::size_t faces = 0;
    for (const auto& path : pictures) {
      throw_if_cancelled(interrupt_token());
      const auto begin = Clock::now();
      const image::Image image = image::load_image(path);
      const double decode = ms_since(begin);
      const recognise::Recognition r = recognizer_.recognize(image);
      const double total = ms_since(begin);
      if (result_.first_ms == 0) result_.first_ms = total;
      faces += r.faces.size();
      std::vector<double> times = {decode,          r.times.detect, r.times.landmarks + r.times.crop,
                                   r.times.network, r.times.post,   total};
      if (session_) times.push_back(batch_ms());
      for (std::size_t i = 0; is_measured && i < times.size(); ++i) samples_[i].second.push_back(times[i]);
    }
    result_.faces = faces;
  }

  BenchResult finish() {
    for (auto& [stage, ms] : samples_) result_.stages.push_back({stage, summarize(std::move(ms))});
    return std::move(result_);
  }

 private:
  double batch_ms() {
    const auto begin = Clock::now();
    session_->logits(crops_, static_cast<std::size_t>(result_.setup.batch), side_);
    return ms_since(begin);
  }

  Clock::time_point begin_;
  recognise::Recognizer recognizer_;
  BenchResult result_;
  std::vector<std::pair<std::string, std::vector<double>>> samples_;  // by stage
  std::unique_ptr<runtime::ExpressionSession> session_;               // if a batch is requested
  std::vector<std::uint8_t> crops_;                                   // any pixels: the time does not depend on them
  int side_ = 0;
};

}  // namespace

Timing summarize(std::vector<double> ms) {
  if (ms.empty()) return {};
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double q) {
    const double position = q * static_cast<double>(ms.size() - 1);
    const auto low = static_cast<std::size_t>(position), high = std::min(low + 1, ms.size() - 1);
    return ms[low] + (ms[high] - ms[low]) * (position - static_cast<double>(low));
  };
  return {ms.size(), ms.front(), at(0.5), at(0.95), at(0.75) - at(0.25)};
}

Bench run_bench(const std::vector<BenchSetup>& setups, const std::vector<std::filesystem::path>& pictures,
                const BenchOptions& options, const ProgressSink& progress) {
  Bench bench{this_machine(), options, pictures, {}};
  std::vector<std::unique_ptr<Runner>> runners;
  for (const auto& setup : setups) {
    throw_if_cancelled(interrupt_token());
    runners.push_back(std::make_unique<Runner>(setup));
    runners.back()->pass(pictures, false);  // the first picture right after loading, while the caches are cold
  }
  const int passes = options.warm_up + options.rounds;
  for (int i = 1; i < passes; ++i) {
    // Each pass begins with another set-up, so that none always follows the same one.
    for (std::size_t k = 0; k < runners.size(); ++k)
      runners[(k + static_cast<std::size_t>(i)) % runners.size()]->pass(pictures, i >= options.warm_up);
    progress({"pass", i + 1, passes, ""});
  }
  for (auto& runner : runners) bench.results.push_back(runner->finish());
  return bench;
}

}  // namespace mien::app
