// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <mutex>

#include "mien/api/access.h"
#include "mien/base/processor.h"
#include "mien/runtime/assets.h"

namespace mien {
namespace {

recognise::RecognizerOptions to_internal(const Options& o) {
  if (o.threads < 0 || o.parallel < 1)
    fail_usage(fmt::format("Options: threads = {}, parallel = {}.", o.threads, o.parallel),
               "threads must be at least 0, parallel at least 1.");
  if (!(o.abstain_risk >= 0 && o.abstain_risk < 1) || !(o.min_face >= 0))
    fail_usage(fmt::format("Options: abstain_risk = {:g}, min_face = {:g}.", o.abstain_risk, o.min_face),
               "abstain_risk must be from 0 to 1, min_face at least 0.");
  recognise::RecognizerOptions r;
  r.model = o.model.empty() ? runtime::find_default_model({}) : std::filesystem::path(o.model);
  r.use_detector = o.detector != "none";
  if (r.use_detector && !o.detector.empty()) r.finder.detector = detect::detector_kind(o.detector);
  r.finder.threads = o.threads;
  r.finder.streams = o.parallel;
  r.flip = o.flip;
  r.min_face_px = o.min_face;
  r.abstain_risk = o.abstain_risk;
  return r;
}

}  // namespace

/// One recognizer for each thread inside at the same time (the peak so far); they share the networks.
struct Recognizer::Impl {
  explicit Impl(const Options& options) {
    require_processor();
    all.push_back(std::make_unique<recognise::Recognizer>(to_internal(options)));
    if (face::finds_boxes(all.front()->card()) && !options.detector.empty())
      fail_usage(fmt::format("Options: detector = {}, but {} detects faces itself.", options.detector, options.model),
                 "Leave the detector empty.");
    idle.push_back(all.front().get());
  }

  recognise::Recognizer* take() {
    const std::scoped_lock lock(mutex);
    if (idle.empty()) {
      all.push_back(std::make_unique<recognise::Recognizer>(*all.front()));
      return all.back().get();
    }
    recognise::Recognizer* one = idle.back();
    idle.pop_back();
    return one;
  }
  void give_back(recognise::Recognizer* one) {
    const std::scoped_lock lock(mutex);
    idle.push_back(one);
  }

  std::mutex mutex;
  std::vector<std::unique_ptr<recognise::Recognizer>> all;
  std::vector<recognise::Recognizer*> idle;
};

Recognizer::Recognizer(const Options& options) : impl_(std::make_unique<Impl>(options)) {}
Recognizer::~Recognizer() = default;
Recognizer::Recognizer(Recognizer&&) noexcept = default;
Recognizer& Recognizer::operator=(Recognizer&&) noexcept = default;

Result Recognizer::recognize(const std::string& path) const { return recognize(Picture::load(path)); }

Result Recognizer::recognize(const Picture& picture) const {
  const auto back = [this](recognise::Recognizer* one) { impl_->give_back(one); };
  const std::unique_ptr<recognise::Recognizer, decltype(back)> one(impl_->take(), back);
  const recognise::Recognition found = one->recognize(Access::image(picture));
  Result out{found.width, found.height, {}, Access::data(picture).notes};
  out.notes.insert(out.notes.end(), found.notes.begin(), found.notes.end());
  for (const auto& f : found.faces) {
    Face face{api::to_public(f.detection),
              one->card().classes[f.best],
              f.probabilities[f.best],
              f.probabilities,
              f.notes,
              f.unsure};
    out.faces.push_back(std::move(face));
  }
  return out;
}

const std::vector<std::string>& Recognizer::classes() const { return impl_->all.front()->card().classes; }

}  // namespace mien
