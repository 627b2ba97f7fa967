// SPDX-License-Identifier: Apache-2.0
// Pack → batches. Pixels are gathered from the memory map and augmented as whole batches; the next batch is made on a
// second thread while the current one trains. Every batch is a pure function of (seed, epoch, number).
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "mien/batch/batch.h"
#include "mien/batch/sampler.h"
#include "mien/batch/targets.h"
#include "mien/face/input_spec.h"
#include "mien/pack/pack.h"

namespace mien::batch {

/// The samples of one split of a pack, as tensors on demand.
class PackedSet {
 public:
  /// `limit` > 0: only that many of its pictures, drawn by the seed, in pack order. Throws bad_input if the split is
  /// empty, or if a label is missing and `needs_labels`; otherwise unlabelled pictures have the label -1.
  PackedSet(std::shared_ptr<const pack::Pack> pack, pack::Split split, std::size_t limit = 0, std::uint64_t seed = 0,
            bool needs_labels = true);

  /// Labels before artificial noise (pack/noise.h), by pack index: batches then contain them, for monitoring.
  /// Throws bad_input if one of this part is missing.
  void set_truth(const std::vector<std::pair<std::uint32_t, int>>& truth);

  std::size_t size() const { return indices_.size(); }
  const pack::Pack& pack() const { return *pack_; }
  const std::vector<std::int64_t>& labels() const { return labels_; }     ///< by position
  const std::vector<std::int64_t>& truth() const { return truth_; }       ///< by position; empty: not known
  const std::vector<std::uint32_t>& indices() const { return indices_; }  ///< position → index in the pack
  /// (n,C,h,w) uint8 of the positions.
  at::Tensor pixels(std::span<const std::int64_t> positions) const;
  /// Labels, distribution and index of the positions, and the requested fields; no views yet.
  Batch targets(std::span<const std::int64_t> positions, const Fields& fields = {}) const;
  /// Throws bad_input if no picture of this part has a requested field.
  void require(const Fields& fields) const { require_fields(*pack_, split_, fields); }

 private:
  std::shared_ptr<const pack::Pack> pack_;
  pack::Split split_;
  std::vector<std::uint32_t> indices_;
  std::vector<std::int64_t> labels_;
  std::vector<std::int64_t> truth_;  ///< by position; empty: not known
};

/// (n,C,h,w) uint8 of the pictures with these pack indices.
at::Tensor gather_pixels(const pack::Pack& pack, std::span<const std::uint32_t> indices);

/// The whole set in pack order, resized and normalised without augmentation, until the visitor returns false.
void for_each_batch(const PackedSet& set, const face::InputSpec& input, std::size_t batch_size, at::Device device,
                    const std::function<bool(const Batch&)>& visit, const Fields& fields = {});

struct LoaderOptions {
  std::vector<View> views;  ///< none: no pixels are read
  Sampler sampler = Sampler::shuffle;
  std::size_t batch_size = 128;
  std::int64_t steps_per_epoch = 0;  ///< 0: one pass over the set; otherwise passes continue across epochs
  bool drop_last = false;            ///< leave out the last, smaller batch of a pass
  int further = 0;                   ///< random further pictures per picture, for `wrap` (batch.h)
  Wrap wrap;                         ///< may be empty if `further` is 0
  int epochs_before = 0;             ///< of earlier stages, counted in the progress passed to `wrap`
  int epochs_in_all = 1;             ///< epochs at which this progress is 1
  std::uint64_t seed = 0;
  at::Device device = at::kCPU;
  bool channels_last = false;
  Fields fields;  ///< fields of batches in addition to labels
};

class Loader {
 public:
  /// Throws bad_input if the set does not have a requested field.
  Loader(const PackedSet& set, LoaderOptions options);
  ~Loader();

  std::int64_t steps_per_epoch() const {
    return options_.steps_per_epoch > 0 ? options_.steps_per_epoch : steps_per_pass();
  }
  /// The batch; starts making the one after it in the background (also across the end of the epoch).
  Batch next(int epoch, std::int64_t step);

 private:
  std::int64_t steps_per_pass() const { return static_cast<std::int64_t>(bounds_.size()) - 1; }
  Batch make(int epoch, std::int64_t step);
  /// Positions in the set of the batch with this number, counted over all epochs, and of its further pictures.
  std::vector<std::int64_t> positions_of(std::int64_t number);
  void move_to_device(Batch& batch) const;

  const PackedSet& set_;
  LoaderOptions options_;
  std::vector<std::size_t> bounds_;
  std::int64_t pass_ = -1;           ///< the pass whose order is stored
  std::vector<std::int64_t> order_;  ///< of that pass
  struct Ahead;
  std::unique_ptr<Ahead> ahead_;
};

}  // namespace mien::batch
