// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/loader.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "mien/base/error.h"
#include "mien/base/random.h"
#include "mien/batch/sampler.h"
#include "mien/nn/layout.h"
#include "mien/nn/scaling.h"

namespace mien::batch {
namespace {

/// Leaves the other cores to training: batches are made by one thread. Calls the OpenMP runtime that LibTorch
/// loaded, by name, because its wheels bundle it differently; without one nothing needs to be done.
void use_one_thread_here() {
  at::get_num_threads();  // LibTorch must set up the thread first
  if (void* set = ::dlsym(RTLD_DEFAULT, "omp_set_num_threads")) reinterpret_cast<void (*)(int)>(set)(1);
}

}  // namespace

PackedSet::PackedSet(std::shared_ptr<const pack::Pack> pack, pack::Split split, std::size_t limit, std::uint64_t seed,
                     bool needs_labels)
    : pack_(std::move(pack)), split_(split), indices_(pack_->indices(split)) {
  check_input(!indices_.empty(), fmt::format("{}: the {} part is empty.", pack_->path().string(), to_string(split)),
              "Pack a data set with this part, or create a validation part with --val-fraction.");
  if (limit > 0 && limit < indices_.size()) {
    Random::stream(seed, "samples").shuffle(indices_);
    indices_.resize(limit);
    std::sort(indices_.begin(), indices_.end());
  }
  labels_.reserve(indices_.size());
  for (std::uint32_t i : indices_) {
    const int label = pack_->sample(i).label;
    check_input(
        label >= 0 || !needs_labels,
        fmt::format("{}: sample {} has no label, which training and evaluation need.", pack_->path().string(), i));
    labels_.push_back(label);
  }
}

void PackedSet::set_truth(const std::vector<std::pair<std::uint32_t, int>>& truth) {
  const std::map<std::uint32_t, int> by_index(truth.begin(), truth.end());
  truth_.clear();
  for (const auto index : indices_) {
    const auto found = by_index.find(index);
    check_input(found != by_index.end(),
                fmt::format("{}: the list of true labels does not contain picture {}.", pack_->path().string(), index));
    truth_.push_back(found->second);
  }
}

at::Tensor gather_pixels(const pack::Pack& pack, std::span<const std::uint32_t> indices) {
  const auto& info = pack.info();
  const std::int64_t h = info.height, w = info.width, c = info.channels, bytes = h * w * c;
  at::Tensor out = at::empty({static_cast<std::int64_t>(indices.size()), h, w, c}, at::kByte);
  auto* target = out.mutable_data_ptr<std::uint8_t>();
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto source = pack.pixels(indices[i]);
    std::copy(source.begin(), source.end(), target + static_cast<std::int64_t>(i) * bytes);
  }
  return out.permute({0, 3, 1, 2}).contiguous();
}

at::Tensor PackedSet::pixels(std::span<const std::int64_t> positions) const {
  std::vector<std::uint32_t> indices;
  for (const auto position : positions) indices.push_back(indices_[static_cast<std::size_t>(position)]);
  return gather_pixels(*pack_, indices);
}

void for_each_batch(const PackedSet& set, const face::InputSpec& input, std::size_t batch_size, at::Device device,
                    const std::function<bool(const Batch&)>& visit, const Fields& fields) {
  std::vector<std::int64_t> order(set.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t begin = 0; begin < order.size(); begin += batch_size) {
    const auto positions = std::span(order).subspan(begin, std::min(batch_size, order.size() - begin));
    Batch batch = set.targets(positions, fields);
    batch.views = {nn::normalise(nn::resize_to_input(set.pixels(positions), input), input).to(device)};
    move_targets(batch, device);
    if (!visit(batch)) return;
  }
}

Batch PackedSet::targets(std::span<const std::int64_t> positions, const Fields& fields) const {
  const auto n = static_cast<std::int64_t>(positions.size());
  const auto classes = static_cast<std::int64_t>(pack_->info().classes.size());
  Batch batch;
  batch.labels = at::empty({n}, at::kLong);
  batch.index = at::empty({n}, at::kLong);
  batch.distribution = at::zeros({n, classes}, at::kFloat);
  if (!truth_.empty()) batch.true_labels = at::empty({n}, at::kLong);
  auto* labels = batch.labels.mutable_data_ptr<std::int64_t>();
  auto* index = batch.index.mutable_data_ptr<std::int64_t>();
  auto* rows = batch.distribution.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < n; ++i) {
    const auto position = static_cast<std::size_t>(positions[static_cast<std::size_t>(i)]);
    labels[i] = labels_[position];
    index[i] = indices_[position];
    if (!truth_.empty()) batch.true_labels.mutable_data_ptr<std::int64_t>()[i] = truth_[position];
    const auto& sample = pack_->sample(indices_[position]);
    std::copy_n(sample.distribution.begin(), classes, rows + i * classes);
  }
  const std::span<const std::int64_t> in_pack(index, positions.size());
  add_fields(batch, *pack_, std::vector<std::uint32_t>(in_pack.begin(), in_pack.end()), fields);
  return batch;
}

struct Loader::Ahead {
  int epoch = -1;
  std::int64_t step = -1;
  std::future<Batch> batch;
};

Loader::Loader(const PackedSet& set, LoaderOptions options)
    : set_(set),
      options_(std::move(options)),
      bounds_(batch_bounds(epoch_order(options_.sampler, set.labels(), options_.seed, 0, options_.batch_size).size(),
                           options_.batch_size, options_.drop_last)),
      ahead_(std::make_unique<Ahead>()) {
  set_.require(options_.fields);
  if (options_.further > 0 && !options_.wrap)
    throw Error(ErrorKind::failed, "Additional pictures per picture need a wrap function that reduces them.");
}

Loader::~Loader() {
  if (ahead_->batch.valid()) ahead_->batch.wait();
}

std::vector<std::int64_t> Loader::positions_of(std::int64_t number) {
  const std::int64_t pass = number / steps_per_pass();
  if (pass != pass_) {
    order_ = epoch_order(options_.sampler, set_.labels(), options_.seed, static_cast<int>(pass), options_.batch_size);
    pass_ = pass;
  }
  const auto step = static_cast<std::size_t>(number % steps_per_pass());
  std::vector<std::int64_t> positions(order_.begin() + static_cast<std::ptrdiff_t>(bounds_[step]),
                                      order_.begin() + static_cast<std::ptrdiff_t>(bounds_[step + 1]));
  const std::size_t further = positions.size() * static_cast<std::size_t>(options_.further);
  Random random = Random::stream(options_.seed, "further", static_cast<std::uint64_t>(number));
  for (std::size_t i = 0; i < further; ++i) positions.push_back(static_cast<std::int64_t>(random.below(set_.size())));
  return positions;
}

Batch Loader::make(int epoch, std::int64_t step) {
  const std::int64_t number = epoch * steps_per_epoch() + step;
  const auto positions = positions_of(number);
  const torch::NoGradGuard no_grad;
  Batch batch = set_.targets(positions, options_.fields);
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(
      Random::stream(options_.seed, "augment", static_cast<std::uint64_t>(number)).next());
  if (!options_.views.empty()) {
    const at::Tensor pixels = set_.pixels(positions);
    for (const auto& view : options_.views) batch.views.push_back(view(pixels, batch, generator));
  }
  if (options_.wrap) {
    const auto whole = static_cast<double>(options_.epochs_in_all) * static_cast<double>(steps_per_epoch());
    const auto before = static_cast<double>(options_.epochs_before * steps_per_epoch() + number);
    options_.wrap(batch, generator, std::min(1.0, before / whole));
    const auto own = static_cast<std::int64_t>(positions.size()) / (1 + options_.further);
    if (options_.further > 0 && batch.size() != own)
      throw Error(ErrorKind::failed, fmt::format("A wrap function returned {} of {} rows, expected {}.", batch.size(),
                                                 positions.size(), own));
  }
  move_to_device(batch);
  return batch;
}

void Loader::move_to_device(Batch& batch) const {
  for (auto& images : batch.views) {
    images = images.to(options_.device);
    images = options_.channels_last ? nn::channels_last(images) : images.contiguous();
  }
  move_targets(batch, options_.device);
}

Batch Loader::next(int epoch, std::int64_t step) {
  if (ahead_->batch.valid()) ahead_->batch.wait();  // both threads use the stored order
  const bool is_ahead = ahead_->batch.valid() && ahead_->epoch == epoch && ahead_->step == step;
  Batch batch = is_ahead ? ahead_->batch.get() : make(epoch, step);
  const bool last = step + 1 >= steps_per_epoch();
  ahead_->epoch = last ? epoch + 1 : epoch;
  ahead_->step = last ? 0 : step + 1;
  ahead_->batch = std::async(std::launch::async, [this, e = ahead_->epoch, s = ahead_->step] {
    use_one_thread_here();
    return make(e, s);
  });
  return batch;
}

}  // namespace mien::batch
