// SPDX-License-Identifier: Apache-2.0
// The selective scan of one block of channels, written once for all instruction sets: a lane is a channel, so that the
// step size, B and C are plain multiplications and no step adds up lanes. Included by scan_scalar.cc, scan_avx2.cc and
// scan_avx512.cc only, each compiled for its processor (see vector.h on the unnamed namespace).
//   x_t = exp(Δ_t A) ⊙ x_{t-1} + w_t u_t B_t,   y_t = C_t · x_t + D u_t,   w = Δ or, with zero-order hold, (e^{ΔA} -
//   1)/A
#pragma once

#include "mien/kernels/scan_block.h"
#include "mien/kernels/vector.h"

namespace mien::kernels {
namespace {

/// States = 0: any number up to kMaxStates, in memory instead of registers.
template <typename T, int Lanes, int States, bool ZeroOrderHold>
class Scan {
  using W = Vector<T, Lanes>;
  using V = typename W::V;
  using I = typename W::I;
  static constexpr int kRoom = States ? States : kMaxStates;

 public:
  static void forward(const ScanBlock<T>& block) {
    for (std::int64_t k = 0; k < block.directions; ++k) Scan(block, k).run_forward();
  }
  static void backward(const ScanBlock<T>& block) {
    for (std::int64_t k = 0; k < block.directions; ++k) Scan(block, k).run_backward();
  }

 private:
  Scan(const ScanBlock<T>& block, std::int64_t k)
      : b_(block),
        k_(k),
        states_(States ? States : static_cast<int>(block.states)),
        order_(block.orders + k * block.positions),
        row_(block.rank + 2 * block.states),
        weight_(block.dt_weight + k * block.rank * block.padded),
        bias_(W::load(block.dt_bias + k * block.padded)),
        skip_(W::load(block.d + k * block.padded)) {
    for (int n = 0; n < states_; ++n) a_[n] = W::load(block.a + (k * block.states + n) * block.padded);
  }

  const T* projections(std::int64_t pixel) const { return b_.projections + (pixel * b_.directions + k_) * row_; }
  V load_u(std::int64_t pixel) const { return W::load(b_.u + pixel * b_.channels, b_.width); }
  T* kept_states(std::int64_t chunk) const {
    const std::int64_t chunks = (b_.positions - 1) / kStride;
    return b_.kept_states + (k_ * chunks + chunk - 1) * states_ * b_.padded;
  }
  /// Directions take turns at the same pixels: the first one writes, the others add.
  void put(T* to, V value) const {
    if (k_ > 0) value += W::load(to, b_.width);
    W::store(to, value, b_.width);
  }

  static V choose(I condition, V yes, V no) { return (V)(((I)yes & condition) | ((I)no & ~condition)); }
  static V negative_magnitude(V x) { return choose(x > T(0), -x, x); }

  V raw_step(const T* row) const {
    V raw = bias_;
    for (std::int64_t r = 0; r < b_.rank; ++r) raw += W::load(weight_ + r * b_.padded) * row[r];
    return raw;
  }
  /// softplus; the argument itself above 20
  static V step(V raw) {
    const V positive = choose(raw > T(0), raw, V{});
    return choose(raw > T(20), raw, positive + W::log1p(W::exp(negative_magnitude(raw))));
  }
  static V step_slope(V raw) {
    const V e = W::exp(negative_magnitude(raw));
    const V slope = choose(raw > T(0), T(1) + V{}, e) / (e + T(1));
    return choose(raw > T(20), T(1) + V{}, slope);
  }

  /// Σ z^i (scale + i·growth) / (i + first)! for |z| < 1/2
  static V series(V z, bool weighted) {
    V sum = {};
    for (int i = 14; i >= 0; --i) {
      T factorial = 1;
      for (int j = 2; j <= i + (weighted ? 2 : 1); ++j) factorial *= T(j);
      sum = sum * z + (weighted ? T(i + 1) : T(1)) / factorial;
    }
    return sum;
  }
  /// w of zero-order hold: (e^z - 1)/A with z = ΔA, without cancellation for small z
  static V hold(V delta, V z, V decay, V a) {
    return choose(z > T(-0.5), delta * series(z, false), (decay - T(1)) / a);
  }
  /// ∂w/∂A = (Δ e^z - w)/A
  static V hold_slope(V delta, V z, V decay, V w, V a) {
    return choose(z > T(-0.5), delta * delta * series(z, true), (delta * decay - w) / a);
  }

  void run_forward() {
    V x[kRoom] = {};
    for (std::int64_t t = 0; t < b_.positions; ++t) {
      if (b_.kept_states && t > 0 && t % kStride == 0) keep(x, kept_states(t / kStride));
      const std::int64_t pixel = order_[t];
      const T* row = projections(pixel);
      const T *input = row + b_.rank, *output = input + states_;
      const V delta = step(raw_step(row)), u = load_u(pixel), scaled = delta * u;
      V y = skip_ * u;
      for (int n = 0; n < states_; ++n) {
        const V z = delta * a_[n], decay = W::exp(z);
        x[n] = decay * x[n] + added(delta, z, decay, u, scaled, n) * input[n];
        y += x[n] * output[n];
      }
      put(b_.y + pixel * b_.channels, y);
    }
  }

  /// w u
  V added(V delta, V z, V decay, V u, V scaled, int n) const {
    if constexpr (ZeroOrderHold) return hold(delta, z, decay, a_[n]) * u;
    return scaled;
  }

  void keep(const V* x, T* to) const {
    for (int n = 0; n < states_; ++n) W::store(to + n * b_.padded, x[n]);
  }

  /// Values of the forward pass that the backward pass through one chunk needs.
  struct Chunk {
    V raw[kStride], delta[kStride];
    V decay[kStride][kRoom];
    V x[kStride + 1][kRoom];  ///< x[j] is the state before position j
  };
  /// Gradients that are passed from position to position of a direction.
  struct Running {
    V state[kRoom] = {};  ///< of x_t through x_{t+1}
    V a[kRoom] = {};
    V bias = {}, skip = {};
  };

  void run_backward() {
    Chunk chunk;
    Running running;
    for (std::int64_t c = (b_.positions - 1) / kStride; c >= 0; --c) {
      const std::int64_t first = c * kStride;
      const int count = static_cast<int>(b_.positions - first < kStride ? b_.positions - first : kStride);
      for (int n = 0; n < states_; ++n) chunk.x[0][n] = c ? W::load(kept_states(c) + n * b_.padded) : V{};
      for (int j = 0; j < count; ++j) repeat_forward(chunk, first, j);
      for (int j = count - 1; j >= 0; --j) step_back(chunk, first, j, running);
    }
    for (int n = 0; n < states_; ++n) W::add_to(b_.grad_a + (k_ * states_ + n) * b_.padded, running.a[n]);
    W::add_to(b_.grad_dt_bias + k_ * b_.padded, running.bias);
    W::add_to(b_.grad_d + k_ * b_.padded, running.skip);
  }

  void repeat_forward(Chunk& chunk, std::int64_t first, int j) const {
    const std::int64_t pixel = order_[first + j];
    const T* row = projections(pixel);
    const T* input = row + b_.rank;
    chunk.raw[j] = raw_step(row);
    const V delta = chunk.delta[j] = step(chunk.raw[j]);
    const V u = load_u(pixel), scaled = delta * u;
    for (int n = 0; n < states_; ++n) {
      const V z = delta * a_[n], decay = W::exp(z);
      chunk.decay[j][n] = decay;
      chunk.x[j + 1][n] = decay * chunk.x[j][n] + added(delta, z, decay, u, scaled, n) * input[n];
    }
  }

  void step_back(const Chunk& chunk, std::int64_t first, int j, Running& running) const {
    const std::int64_t pixel = order_[first + j];
    const T* row = projections(pixel);
    const T *input = row + b_.rank, *output = input + states_;
    const V u = load_u(pixel), g = W::load(b_.grad_y + pixel * b_.channels, b_.width);
    const V delta = chunk.delta[j];
    V grad_input[kRoom], grad_output[kRoom];  // of B and C, one channel per lane
    V by_input = {}, by_decay = {};           // ∂L/∂(w u) · w, and ∂L/∂Δ through the decay
    V grad_weight = {};                       // ∂L/∂Δ through w, divided by u
    for (int n = 0; n < states_; ++n) {
      const V grad_x = g * output[n] + running.state[n], decay = chunk.decay[j][n];
      const V along = grad_x * input[n];
      const V by_state = grad_x * (decay * chunk.x[j][n]);
      running.state[n] = grad_x * decay;
      running.a[n] += delta * by_state;
      by_decay += by_state * a_[n];
      grad_output[n] = g * chunk.x[j + 1][n];
      if constexpr (ZeroOrderHold) {
        const V z = delta * a_[n], w = hold(delta, z, decay, a_[n]);
        grad_input[n] = w * u * grad_x;
        by_input += along * w;
        grad_weight += along * decay;
        running.a[n] += u * along * hold_slope(delta, z, decay, w, a_[n]);
      } else {
        grad_input[n] = delta * u * grad_x;
        by_input += along;
      }
    }
    if constexpr (!ZeroOrderHold) {
      grad_weight = by_input;
      by_input *= delta;
    }
    running.skip += g * u;
    put(b_.grad_u + pixel * b_.channels, skip_ * g + by_input);
    T* grad_row = b_.grad_projections + (pixel * b_.directions + k_) * row_;
    add_lane_sums(grad_input, states_, grad_row + b_.rank);
    add_lane_sums(grad_output, states_, grad_row + b_.rank + states_);
    const V grad_raw = (grad_weight * u + by_decay) * step_slope(chunk.raw[j]);
    running.bias += grad_raw;
    through_step_weights(grad_raw, row, grad_row);
  }

  void through_step_weights(V grad_raw, const T* row, T* grad_row) const {
    T* grad_weight = b_.grad_dt_weight + k_ * b_.rank * b_.padded;
    for (std::int64_t first = 0; first < b_.rank; first += kRoom) {
      const int count = static_cast<int>(b_.rank - first < kRoom ? b_.rank - first : kRoom);
      V grad_step[kRoom];
      for (int i = 0; i < count; ++i) {
        const std::int64_t r = first + i;
        grad_step[i] = W::load(weight_ + r * b_.padded) * grad_raw;
        W::add_to(grad_weight + r * b_.padded, grad_raw * row[r]);
      }
      add_lane_sums(grad_step, count, grad_row + first);
    }
  }

  static void add_lane_sums(const V* v, int count, T* to) {
    for (int first = 0; first < count; first += Lanes) {
      V part[Lanes];
      const int here = count - first < Lanes ? count - first : Lanes;
      for (int j = 0; j < Lanes; ++j) part[j] = j < here ? v[first + j] : V{};
      W::store(to + first, W::load(to + first, here) + W::lane_sums(part), here);
    }
  }

  const ScanBlock<T>& b_;
  const std::int64_t k_;
  const int states_;
  const std::int32_t* const order_;
  const std::int64_t row_;
  const T* const weight_;
  const V bias_, skip_;
  V a_[kRoom];
};

template <typename T, int Lanes, int States>
void scan_forward(const ScanBlock<T>& block) {
  if (block.zero_order_hold) return Scan<T, Lanes, States, true>::forward(block);
  Scan<T, Lanes, States, false>::forward(block);
}

template <typename T, int Lanes, int States>
void scan_backward(const ScanBlock<T>& block) {
  if (block.zero_order_hold) return Scan<T, Lanes, States, true>::backward(block);
  Scan<T, Lanes, States, false>::backward(block);
}

template <typename T, int Lanes>
ScanLoops<T> make_loops() {
  return {Lanes,
          [](const ScanBlock<T>& block) {
            if (block.states == 16) return scan_forward<T, Lanes, 16>(block);
            scan_forward<T, Lanes, 0>(block);
          },
          [](const ScanBlock<T>& block) {
            if (block.states == 16) return scan_backward<T, Lanes, 16>(block);
            scan_backward<T, Lanes, 0>(block);
          },
          [](const T* x, T* y, std::int64_t count) {
            using W = Vector<T, Lanes>;
            for (std::int64_t i = 0; i < count; i += Lanes) {
              const int here = static_cast<int>(count - i < Lanes ? count - i : Lanes);
              W::store(y + i, W::exp(W::load(x + i, here)), here);
            }
          }};
}

}  // namespace
}  // namespace mien::kernels
