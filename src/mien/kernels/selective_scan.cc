// SPDX-License-Identifier: Apache-2.0
#include "mien/kernels/selective_scan.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "mien/base/error.h"
#include "mien/kernels/scan_block.h"
#include "mien/kernels/scan_order.h"

namespace mien::kernels {
namespace {

constexpr std::int64_t kGroup = 64;  // channels summed by one task of the backward pass for the gradients of B and C

template <typename T>
ScanLoops<T> loops_for(InstructionSet set) {
  const auto& found = instruction_sets();
  if (std::find(found.begin(), found.end(), set) == found.end())
    fail_usage(fmt::format("This processor has no {}.", to_string(set)));
#if defined(__x86_64__)
  if (set == InstructionSet::avx512) return avx512_loops<T>();
  if (set == InstructionSet::avx2) return avx2_loops<T>();
#endif
  return scalar_loops<T>();
}

void check(const ScanShape& s) {
  if (s.states < 1 || s.states > kMaxStates)
    fail_usage(fmt::format("A selective scan has 1 to {} states per channel, not {}.", kMaxStates, s.states));
  if (s.pictures < 0 || s.height < 1 || s.width < 1 || s.channels < 1 || s.rank < 1)
    fail_usage("A selective scan needs a map of at least one pixel and one channel, and a step of rank 1 or more.");
  scan_directions(static_cast<int>(s.directions));  // throws for a number that it does not know
}

std::int64_t padded(std::int64_t channels) { return (channels + kBlock - 1) / kBlock * kBlock; }
std::int64_t chunks(const ScanShape& s) { return (s.positions() - 1) / kStride; }

/// (rows of `from`: K,D,columns) → (K,columns,padded D), zeros after the last channel.
template <typename T>
std::vector<T> pack(const ScanShape& s, const T* from, std::int64_t columns) {
  const std::int64_t width = padded(s.channels);
  std::vector<T> to(static_cast<std::size_t>(s.directions * columns * width));
  for (std::int64_t k = 0; k < s.directions; ++k)
    for (std::int64_t d = 0; d < s.channels; ++d)
      for (std::int64_t c = 0; c < columns; ++c)
        to[static_cast<std::size_t>((k * columns + c) * width + d)] = from[(k * s.channels + d) * columns + c];
  return to;
}

/// The inverse, summed over `count` consecutive packed arrays.
template <typename T>
void unpack_sum(const ScanShape& s, const T* from, std::int64_t columns, std::int64_t count, std::int64_t stride,
                T* to) {
  const std::int64_t width = padded(s.channels);
  for (std::int64_t k = 0; k < s.directions; ++k)
    for (std::int64_t d = 0; d < s.channels; ++d)
      for (std::int64_t c = 0; c < columns; ++c) {
        T sum = 0;
        for (std::int64_t i = 0; i < count; ++i) sum += from[i * stride + (k * columns + c) * width + d];
        to[(k * s.channels + d) * columns + c] = sum;
      }
}

/// Parameters as the loops read them.
template <typename T>
struct Packed {
  std::vector<T> dt_weight, dt_bias, a, d;
  std::shared_ptr<const std::vector<std::int32_t>> orders;

  Packed(const ScanShape& s, const ScanInputs<T>& in)
      : dt_weight(pack(s, in.dt_weight, s.rank)),
        dt_bias(pack(s, in.dt_bias, 1)),
        a(pack(s, in.a_logs, s.states)),
        d(pack(s, in.d, 1)),
        orders(scan_orders(s.directions, s.height, s.width)) {
    for (T& value : a) value = -std::exp(value);
  }
};

template <typename T>
ScanBlock<T> make_block(const ScanShape& s, const ScanInputs<T>& in, const Packed<T>& packed, std::int64_t picture,
                        std::int64_t channel, int lanes) {
  ScanBlock<T> b{};
  b.positions = s.positions();
  b.channels = s.channels;
  b.padded = padded(s.channels);
  b.states = s.states;
  b.rank = s.rank;
  b.directions = s.directions;
  b.zero_order_hold = s.zero_order_hold;
  b.width = static_cast<int>(std::min<std::int64_t>(lanes, s.channels - channel));
  b.orders = packed.orders->data();
  b.u = in.u + picture * b.positions * b.channels + channel;
  b.projections = in.projections + picture * b.positions * s.directions * s.row();
  b.dt_weight = packed.dt_weight.data() + channel;
  b.dt_bias = packed.dt_bias.data() + channel;
  b.a = packed.a.data() + channel;
  b.d = packed.d.data() + channel;
  return b;
}

template <typename T>
T* kept_states_of(const ScanShape& s, T* all, std::int64_t picture, std::int64_t channel) {
  return all + picture * s.directions * chunks(s) * s.states * padded(s.channels) + channel;
}

/// Gradients of the parameters, packed, one set per picture: sums over pictures come last, in their order.
template <typename T>
struct PackedGradients {
  std::int64_t weight, bias, a, d, size;  ///< offset of each within a set, and the size of a set
  std::vector<T> values;

  explicit PackedGradients(const ScanShape& s) {
    const std::int64_t row = s.directions * padded(s.channels);
    weight = 0;
    bias = row * s.rank;
    a = bias + row;
    d = a + row * s.states;
    size = d + row;
    values.resize(static_cast<std::size_t>(s.pictures * size));
  }
  T* set(std::int64_t picture) { return values.data() + picture * size; }
};

/// The backward pass over some pictures at a time, so that the partial sums of B's and C's gradients stay small.
template <typename T>
class Backward {
 public:
  Backward(const ScanShape& shape, const ScanInputs<T>& inputs, const T* kept_states, const T* grad_y,
           const ScanGradients<T>& gradients, const Parallel& parallel, const ScanLoops<T>& loops)
      : s_(shape),
        in_(inputs),
        kept_(kept_states),
        grad_y_(grad_y),
        out_(gradients),
        parallel_(parallel),
        loops_(loops),
        packed_(shape, inputs),
        parameters_(shape),
        groups_((shape.channels + kGroup - 1) / kGroup),
        pixels_(shape.positions() * shape.directions * shape.row()),
        round_(std::clamp<std::int64_t>(4 * parallel.threads / groups_, 1, std::max<std::int64_t>(shape.pictures, 1))),
        sums_(static_cast<std::size_t>(round_ * groups_ * pixels_)) {}

  void run() {
    for (std::int64_t first = 0; first < s_.pictures; first += round_) {
      const std::int64_t count = std::min(round_, s_.pictures - first);
      parallel_.run(count * groups_,
                    [&](std::int64_t task) { run_group(first + task / groups_, task % groups_, task); });
      parallel_.run(count, [&](std::int64_t i) { add_groups(first + i, i); });
    }
    finish_parameters();
  }

 private:
  void run_group(std::int64_t picture, std::int64_t group, std::int64_t task) {
    T* sums = sums_.data() + task * pixels_;
    std::fill(sums, sums + pixels_, T(0));
    const std::int64_t end = std::min((group + 1) * kGroup, s_.channels);
    for (std::int64_t channel = group * kGroup; channel < end; channel += loops_.lanes) {
      ScanBlock<T> b = make_block(s_, in_, packed_, picture, channel, loops_.lanes);
      const std::int64_t offset = picture * b.positions * b.channels + channel;
      b.kept_states = kept_states_of(s_, const_cast<T*>(kept_), picture, channel);  // only read
      b.grad_y = grad_y_ + offset;
      b.grad_u = out_.u + offset;
      b.grad_projections = sums;
      T* set = parameters_.set(picture) + channel;
      b.grad_dt_weight = set + parameters_.weight;
      b.grad_dt_bias = set + parameters_.bias;
      b.grad_a = set + parameters_.a;
      b.grad_d = set + parameters_.d;
      loops_.backward(b);
    }
  }

  void add_groups(std::int64_t picture, std::int64_t place) {
    T* to = out_.projections + picture * pixels_;
    const T* from = sums_.data() + place * groups_ * pixels_;
    std::copy(from, from + pixels_, to);
    for (std::int64_t group = 1; group < groups_; ++group)
      for (std::int64_t i = 0; i < pixels_; ++i) to[i] += from[group * pixels_ + i];
  }

  void finish_parameters() {
    const T* all = parameters_.values.data();
    unpack_sum(s_, all + parameters_.weight, s_.rank, s_.pictures, parameters_.size, out_.dt_weight);
    unpack_sum(s_, all + parameters_.bias, 1, s_.pictures, parameters_.size, out_.dt_bias);
    unpack_sum(s_, all + parameters_.a, s_.states, s_.pictures, parameters_.size, out_.a_logs);
    unpack_sum(s_, all + parameters_.d, 1, s_.pictures, parameters_.size, out_.d);
    const std::int64_t count = s_.directions * s_.channels * s_.states;
    for (std::int64_t i = 0; i < count; ++i) out_.a_logs[i] *= -std::exp(in_.a_logs[i]);  // A = -exp(a_logs)
  }

  const ScanShape& s_;
  const ScanInputs<T>& in_;
  const T* kept_;
  const T* grad_y_;
  const ScanGradients<T>& out_;
  const Parallel& parallel_;
  const ScanLoops<T>& loops_;
  const Packed<T> packed_;
  PackedGradients<T> parameters_;
  const std::int64_t groups_, pixels_, round_;
  std::vector<T> sums_;  ///< (pictures of a round, groups, L, K, R+2N)
};

}  // namespace

std::int64_t kept_state_count(const ScanShape& s) {
  check(s);
  return s.pictures * s.directions * chunks(s) * s.states * padded(s.channels);
}

template <typename T>
void selective_scan(const ScanShape& s, const ScanInputs<T>& inputs, T* y, T* kept_states, const Parallel& parallel,
                    InstructionSet set) {
  check(s);
  const ScanLoops<T> loops = loops_for<T>(set);
  const Packed<T> packed(s, inputs);
  const std::int64_t blocks = padded(s.channels) / kBlock;
  parallel.run(s.pictures * blocks, [&](std::int64_t task) {
    const std::int64_t picture = task / blocks, first = task % blocks * kBlock;
    const std::int64_t end = std::min(first + kBlock, s.channels);
    for (std::int64_t channel = first; channel < end; channel += loops.lanes) {
      ScanBlock<T> block = make_block(s, inputs, packed, picture, channel, loops.lanes);
      block.y = y + picture * block.positions * block.channels + channel;
      block.kept_states = kept_states ? kept_states_of(s, kept_states, picture, channel) : nullptr;
      loops.forward(block);
    }
  });
}

template <typename T>
void selective_scan_backward(const ScanShape& s, const ScanInputs<T>& inputs, const T* kept_states, const T* grad_y,
                             const ScanGradients<T>& gradients, const Parallel& parallel, InstructionSet set) {
  check(s);
  const ScanLoops<T> loops = loops_for<T>(set);
  Backward<T>(s, inputs, kept_states, grad_y, gradients, parallel, loops).run();
}

template void selective_scan(const ScanShape&, const ScanInputs<float>&, float*, float*, const Parallel&,
                             InstructionSet);
template void selective_scan(const ScanShape&, const ScanInputs<double>&, double*, double*, const Parallel&,
                             InstructionSet);
template void selective_scan_backward(const ScanShape&, const ScanInputs<float>&, const float*, const float*,
                                      const ScanGradients<float>&, const Parallel&, InstructionSet);
template void selective_scan_backward(const ScanShape&, const ScanInputs<double>&, const double*, const double*,
                                      const ScanGradients<double>&, const Parallel&, InstructionSet);

}  // namespace mien::kernels
