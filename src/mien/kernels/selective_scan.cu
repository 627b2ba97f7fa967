// SPDX-License-Identifier: Apache-2.0
// One thread per picture and channel, looping over the directions, with the formulas of scan_loops.h.
#include <stdexcept>
#include <string>

#include "mien/kernels/scan_block.h"
#include "mien/kernels/selective_scan_cuda.h"

namespace mien::kernels {
namespace {

constexpr int kThreads = 64;  // channels of a block; also the group within which B's and C's gradients are summed

/// The data of a thread: pointers for its picture and channel.
template <typename T>
struct Lane {
  std::int64_t length, channels, chunks;
  int states, rank, directions, row;
  bool hold;
  const std::int32_t* orders;
  ScanInputs<T> in;
};

template <typename T>
__device__ T softplus(T x) {
  return x > T(20) ? x : log1p(exp(x));
}
template <typename T>
__device__ T sigmoid(T x) {
  return x > T(20) ? T(1) : T(1) / (T(1) + exp(-x));
}
/// w of zero-order hold, (e^z - 1)/A with z = ΔA
template <typename T>
__device__ T hold_weight(T z, T a) {
  return expm1(z) / a;
}
/// ∂w/∂A = (Δ e^z - w)/A, by its series if the difference cancels
template <typename T>
__device__ T hold_slope(T delta, T z, T decay, T weight, T a) {
  if (z < T(-0.5)) return (delta * decay - weight) / a;
  T sum = 0, factorial = 2, power = 1;
  for (int i = 0; i < 15; ++i) {
    sum += power * T(i + 1) / factorial;
    power *= z;
    factorial *= T(i + 3);
  }
  return delta * delta * sum;
}

template <typename T>
__device__ T raw_step(const Lane<T>& s, std::int64_t kd, const T* row) {
  T raw = s.in.dt_bias[kd];
  for (int r = 0; r < s.rank; ++r) raw += s.in.dt_weight[kd * s.rank + r] * row[r];
  return raw;
}

template <typename T>
__device__ T* kept_of(const Lane<T>& s, T* kept, std::int64_t picture, std::int64_t k, std::int64_t chunk,
                      std::int64_t channel) {  // (picture,K,chunk,N,D)
  return kept + ((picture * s.directions + k) * s.chunks + chunk - 1) * s.states * s.channels + channel;
}

template <typename T>
__global__ void forward(Lane<T> s, T* y, T* kept) {
  const std::int64_t channel = std::int64_t{blockIdx.x} * kThreads + threadIdx.x, picture = blockIdx.y;
  if (channel >= s.channels) return;
  T x[kMaxStates], a[kMaxStates];
  for (int k = 0; k < s.directions; ++k) {
    const std::int64_t kd = k * s.channels + channel;
    for (int n = 0; n < s.states; ++n) {
      x[n] = 0;
      a[n] = -exp(s.in.a_logs[kd * s.states + n]);
    }
    for (std::int64_t t = 0; t < s.length; ++t) {
      if (kept && t > 0 && t % kStride == 0) {
        T* to = kept_of(s, kept, picture, k, t / kStride, channel);
        for (int n = 0; n < s.states; ++n) to[n * s.channels] = x[n];
      }
      const std::int64_t pixel = picture * s.length + s.orders[k * s.length + t];
      const T* row = s.in.projections + (pixel * s.directions + k) * s.row;
      const T *input = row + s.rank, *output = input + s.states;
      const T delta = softplus(raw_step(s, kd, row)), u = s.in.u[pixel * s.channels + channel];
      T sum = s.in.d[kd] * u;
      for (int n = 0; n < s.states; ++n) {
        const T z = delta * a[n];
        x[n] = exp(z) * x[n] + (s.hold ? hold_weight(z, a[n]) : delta) * u * input[n];
        sum += x[n] * output[n];
      }
      T& to = y[pixel * s.channels + channel];
      to = k > 0 ? to + sum : sum;
    }
  }
}

/// Sums of parameters' gradients of one picture, in the parameters' own shapes.
template <typename T>
struct ParameterSums {
  T *dt_weight, *dt_bias, *a_logs, *d;
};

template <typename T>
__global__ void backward(Lane<T> s, const T* kept, const T* grad_y, T* grad_u, T* group_sums, ParameterSums<T> all,
                         std::int64_t set_size) {
  extern __shared__ unsigned char memory[];
  T* const shared = reinterpret_cast<T*>(memory);  // (row, kThreads + 1): one channel per column
  const std::int64_t channel = std::int64_t{blockIdx.x} * kThreads + threadIdx.x, picture = blockIdx.y;
  const bool exists = channel < s.channels;
  const std::int64_t set = picture * set_size;
  T* const sums = group_sums + (picture * gridDim.x + blockIdx.x) * s.length * s.directions * s.row;
  T x[kStride + 1][kMaxStates], decay[kStride][kMaxStates], raw[kStride];
  T a[kMaxStates], grad_a[kMaxStates], grad_state[kMaxStates];
  for (int k = 0; k < s.directions; ++k) {
    const std::int64_t kd = k * s.channels + channel;
    T grad_bias = 0, grad_skip = 0;
    for (int n = 0; n < s.states; ++n) {
      a[n] = exists ? -exp(s.in.a_logs[kd * s.states + n]) : T(-1);
      grad_a[n] = grad_state[n] = 0;
    }
    for (std::int64_t chunk = s.chunks; chunk >= 0; --chunk) {
      const std::int64_t first = chunk * kStride;
      const int count = static_cast<int>(min(std::int64_t{kStride}, s.length - first));
      if (exists) {
        for (int n = 0; n < s.states; ++n)
          x[0][n] = chunk > 0 ? kept_of(s, const_cast<T*>(kept), picture, k, chunk, channel)[n * s.channels] : T(0);
        for (int j = 0; j < count; ++j) {
          const std::int64_t pixel = picture * s.length + s.orders[k * s.length + first + j];
          const T* row = s.in.projections + (pixel * s.directions + k) * s.row;
          raw[j] = raw_step(s, kd, row);
          const T delta = softplus(raw[j]), u = s.in.u[pixel * s.channels + channel];
          for (int n = 0; n < s.states; ++n) {
            const T z = delta * a[n];
            decay[j][n] = exp(z);
            x[j + 1][n] = decay[j][n] * x[j][n] + (s.hold ? hold_weight(z, a[n]) : delta) * u * row[s.rank + n];
          }
        }
      }
      for (int j = count - 1; j >= 0; --j) {
        const std::int64_t pixel = picture * s.length + s.orders[k * s.length + first + j];
        const T* row = s.in.projections + (pixel * s.directions + k) * s.row;
        const T *input = row + s.rank, *output = input + s.states;
        T* const column = shared + threadIdx.x;
        if (exists) {
          const T delta = softplus(raw[j]), u = s.in.u[pixel * s.channels + channel];
          const T g = grad_y[pixel * s.channels + channel];
          T by_input = 0, by_decay = 0, by_weight = 0;
          for (int n = 0; n < s.states; ++n) {
            const T grad_x = g * output[n] + grad_state[n], along = grad_x * input[n], z = delta * a[n];
            const T by_state = grad_x * decay[j][n] * x[j][n];
            const T weight = s.hold ? hold_weight(z, a[n]) : delta;
            grad_state[n] = grad_x * decay[j][n];
            grad_a[n] += delta * by_state;
            if (s.hold) grad_a[n] += u * along * hold_slope(delta, z, decay[j][n], weight, a[n]);
            by_decay += by_state * a[n];
            by_input += along * weight;
            by_weight += s.hold ? along * decay[j][n] : along;
            column[(s.rank + n) * (kThreads + 1)] = weight * u * grad_x;
            column[(s.rank + s.states + n) * (kThreads + 1)] = g * x[j + 1][n];
          }
          grad_skip += g * u;
          T& to = grad_u[pixel * s.channels + channel];
          const T here = s.in.d[kd] * g + by_input;
          to = k > 0 ? to + here : here;
          const T grad_raw = (by_weight * u + by_decay) * sigmoid(raw[j]);
          grad_bias += grad_raw;
          for (int r = 0; r < s.rank; ++r) {
            all.dt_weight[set + kd * s.rank + r] += grad_raw * row[r];
            column[r * (kThreads + 1)] = grad_raw * s.in.dt_weight[kd * s.rank + r];
          }
        } else {
          for (int i = 0; i < s.row; ++i) column[i * (kThreads + 1)] = 0;
        }
        __syncthreads();
        for (int i = threadIdx.x; i < s.row; i += kThreads) {
          T sum = 0;
          for (int c = 0; c < kThreads; ++c) sum += shared[i * (kThreads + 1) + c];
          sums[((pixel - picture * s.length) * s.directions + k) * s.row + i] = sum;
        }
        __syncthreads();
      }
    }
    if (!exists) continue;
    for (int n = 0; n < s.states; ++n) all.a_logs[set + kd * s.states + n] = grad_a[n] * a[n];  // A = -exp(a_logs)
    all.dt_bias[set + kd] = grad_bias;
    all.d[set + kd] = grad_skip;
  }
}

/// to[o,i] = Σ_j from[o,j,i], in the order of j
template <typename T>
__global__ void sum_middle(const T* from, T* to, std::int64_t outer, std::int64_t middle, std::int64_t stride,
                           std::int64_t inner) {
  const std::int64_t index = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (index >= outer * inner) return;
  const T* here = from + index / inner * middle * stride + index % inner;
  T sum = 0;
  for (std::int64_t j = 0; j < middle; ++j) sum += here[j * stride];
  to[index] = sum;
}

template <typename T>
void queue_sum(const T* from, T* to, std::int64_t outer, std::int64_t middle, std::int64_t stride, std::int64_t inner,
               cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>((outer * inner + 255) / 256);
  sum_middle<<<blocks, 256, 0, stream>>>(from, to, outer, middle, stride, inner);
}

std::int64_t chunks_of(const ScanShape& s) { return (s.positions() - 1) / kStride; }
std::int64_t blocks_of(const ScanShape& s) { return (s.channels + kThreads - 1) / kThreads; }
/// Values of the parameters' gradients of one picture.
std::int64_t set_size_of(const ScanShape& s) { return s.directions * s.channels * (s.rank + s.states + 2); }

template <typename T>
Lane<T> lane_of(const ScanShape& s, const ScanInputs<T>& in, const std::int32_t* orders) {
  return {s.positions(),
          s.channels,
          chunks_of(s),
          s.states,
          s.rank,
          s.directions,
          static_cast<int>(s.row()),
          s.zero_order_hold,
          orders,
          in};
}

void check_queue() {
  if (const auto error = cudaGetLastError(); error != cudaSuccess)
    throw std::runtime_error(std::string("Selective scan on CUDA: ") + cudaGetErrorString(error) + ".");
}

}  // namespace

std::int64_t kept_state_count_cuda(const ScanShape& s) {
  return s.pictures * s.directions * chunks_of(s) * s.states * s.channels;
}

std::int64_t scratch_count_cuda(const ScanShape& s) {
  return s.pictures * (blocks_of(s) * s.positions() * s.directions * s.row() + set_size_of(s));
}

template <typename T>
void selective_scan_cuda(const ScanShape& s, const ScanInputs<T>& inputs, const std::int32_t* orders, T* y,
                         T* kept_states, void* stream) {
  const dim3 grid(static_cast<unsigned>(blocks_of(s)), static_cast<unsigned>(s.pictures));
  forward<<<grid, kThreads, 0, static_cast<cudaStream_t>(stream)>>>(lane_of(s, inputs, orders), y, kept_states);
  check_queue();
}

template <typename T>
void selective_scan_backward_cuda(const ScanShape& s, const ScanInputs<T>& inputs, const std::int32_t* orders,
                                  const T* kept_states, const T* grad_y, const ScanGradients<T>& gradients, T* scratch,
                                  void* raw_stream) {
  const auto stream = static_cast<cudaStream_t>(raw_stream);
  const dim3 grid(static_cast<unsigned>(blocks_of(s)), static_cast<unsigned>(s.pictures));
  const std::int64_t pixels = s.positions() * s.directions * s.row(), rows = s.directions * s.channels;
  T* const sets = scratch + s.pictures * blocks_of(s) * pixels;
  cudaMemsetAsync(sets, 0, static_cast<std::size_t>(s.pictures * set_size_of(s)) * sizeof(T), stream);
  const ParameterSums<T> sums{sets, sets + rows * s.rank, sets + rows * (s.rank + 1),
                              sets + rows * (s.rank + 1 + s.states)};
  const std::size_t shared = static_cast<std::size_t>(s.row()) * (kThreads + 1) * sizeof(T);
  backward<<<grid, kThreads, shared, stream>>>(lane_of(s, inputs, orders), kept_states, grad_y, gradients.u, scratch,
                                               sums, set_size_of(s));
  queue_sum(scratch, gradients.projections, s.pictures, blocks_of(s), pixels, pixels, stream);
  const auto over_pictures = [&](const T* from, T* to, std::int64_t count) {
    queue_sum(from, to, 1, s.pictures, set_size_of(s), count, stream);
  };
  over_pictures(sums.dt_weight, gradients.dt_weight, rows * s.rank);
  over_pictures(sums.dt_bias, gradients.dt_bias, rows);
  over_pictures(sums.a_logs, gradients.a_logs, rows * s.states);
  over_pictures(sums.d, gradients.d, rows);
  check_queue();
}

template void selective_scan_cuda(const ScanShape&, const ScanInputs<float>&, const std::int32_t*, float*, float*,
                                  void*);
template void selective_scan_cuda(const ScanShape&, const ScanInputs<double>&, const std::int32_t*, double*, double*,
                                  void*);
template void selective_scan_backward_cuda(const ScanShape&, const ScanInputs<float>&, const std::int32_t*,
                                           const float*, const float*, const ScanGradients<float>&, float*, void*);
template void selective_scan_backward_cuda(const ScanShape&, const ScanInputs<double>&, const std::int32_t*,
                                           const double*, const double*, const ScanGradients<double>&, double*, void*);

}  // namespace mien::kernels
