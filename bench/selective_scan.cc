// SPDX-License-Identifier: Apache-2.0
// The selective scan by instruction set, forward and backward, and two forms of it in PyTorch: the loop over
// positions and the associative scan, both on whole tensors. One thread, float32, least processor time in nanoseconds
// per state step (one state component at one position), as JSON.
//   selective_scan HEIGHT WIDTH CHANNELS RANK REPETITIONS [kernels]
// `kernels` leaves PyTorch's forms out, which need minutes for large maps.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <limits>
#include <string_view>

#include "mien/base/json.h"
#include "mien/base/machine.h"
#include "mien/kernels/scan_order.h"
#include "mien/kernels/selective_scan.h"
#include "mien/nn/torch.h"

namespace {

using mien::Json;
using mien::kernels::InstructionSet;

constexpr int kStates = 16, kDirections = 8;

struct Tensors {
  at::Tensor u, projections, dt_weight, dt_bias, a_logs, d;
};

Tensors make_tensors(const mien::kernels::ScanShape& s) {
  at::manual_seed(1);
  return {at::randn({s.pictures, s.height, s.width, s.channels}),
          at::randn({s.pictures, s.height, s.width, s.directions, s.row()}),
          at::randn({s.directions, s.channels, s.rank}) * 0.25,
          at::randn({s.directions, s.channels}) - 4,
          at::log(at::arange(1, s.states + 1).to(at::kFloat)).repeat({s.directions * s.channels, 1}),
          at::ones({s.directions * s.channels})};
}

/// Least processor time of `repetitions` runs after one to warm up: other programs slow it down less than the clock.
template <typename Run>
double least_seconds(int repetitions, Run run) {
  double least = std::numeric_limits<double>::max();
  for (int i = -1; i < repetitions; ++i) {
    const std::clock_t begin = std::clock();
    run();
    if (i >= 0) least = std::min(least, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  return least;
}

class Bench {
 public:
  Bench(const mien::kernels::ScanShape& shape, int repetitions)
      : shape_(shape),
        repetitions_(repetitions),
        steps_(static_cast<double>(shape.pictures * shape.positions() * shape.channels) * shape.states *
               shape.directions),
        in_(make_tensors(shape)) {}

  Json kernel(InstructionSet set) {
    const auto serial = mien::kernels::parallel_threads(1);
    const auto p = [](at::Tensor& t) { return t.data_ptr<float>(); };
    const mien::kernels::ScanInputs<float> inputs{p(in_.u),       p(in_.projections), p(in_.dt_weight),
                                                  p(in_.dt_bias), p(in_.a_logs),      p(in_.d)};
    at::Tensor y = at::empty_like(in_.u), kept = at::empty({mien::kernels::kept_state_count(shape_)});
    Tensors g{at::empty_like(in_.u),       at::empty_like(in_.projections), at::empty_like(in_.dt_weight),
              at::empty_like(in_.dt_bias), at::empty_like(in_.a_logs),      at::empty_like(in_.d)};
    const double forward =
        least_seconds(repetitions_, [&] { mien::kernels::selective_scan(shape_, inputs, p(y), p(kept), serial, set); });
    const double backward = least_seconds(repetitions_, [&] {
      mien::kernels::selective_scan_backward<float>(
          shape_, inputs, p(kept), p(y), {p(g.u), p(g.projections), p(g.dt_weight), p(g.dt_bias), p(g.a_logs), p(g.d)},
          serial, set);
    });
    return row(std::string(to_string(set)), forward, backward);
  }

  Json torch_loop() {
    return torch_form("PyTorch, loop over positions", [](const at::Tensor& decay, const at::Tensor& added) {
      std::vector<at::Tensor> states;
      at::Tensor x = at::zeros_like(added.select(2, 0));
      for (std::int64_t t = 0; t < added.size(2); ++t) {
        x = decay.select(2, t) * x + added.select(2, t);
        states.push_back(x);
      }
      return at::stack(states, 2);
    });
  }

  /// (a2,b2) ∘ (a1,b1) = (a2 a1, a2 b1 + b2), with doubled distance each time (Hillis and Steele 1986)
  Json torch_associative() {
    return torch_form("PyTorch, associative scan", [](at::Tensor decay, at::Tensor added) {
      const std::int64_t length = added.size(2);
      for (std::int64_t far = 1; far < length; far *= 2) {
        const at::Tensor later = decay.narrow(2, far, length - far);
        added = at::cat(
            {added.narrow(2, 0, far), later * added.narrow(2, 0, length - far) + added.narrow(2, far, length - far)},
            2);
        decay = at::cat({decay.narrow(2, 0, far), later * decay.narrow(2, 0, length - far)}, 2);
      }
      return added;
    });
  }

 private:
  Json row(const std::string& name, double forward, double backward) const {
    return {{"form", name},
            {"forward_ns", forward / steps_ * 1e9},
            {"backward_ns", backward / steps_ * 1e9},
            {"backward_to_forward", backward / forward}};
  }

  /// Everything per direction and position: decay and added are (K,D,L,N).
  template <typename Recurrence>
  Json torch_form(const std::string& name, Recurrence recurrence) {
    Tensors t{in_.u.clone(),       in_.projections.clone(), in_.dt_weight.clone(),
              in_.dt_bias.clone(), in_.a_logs.clone(),      in_.d.clone()};
    for (at::Tensor* x : {&t.u, &t.projections, &t.dt_weight, &t.dt_bias, &t.a_logs, &t.d}) x->requires_grad_();
    const auto table = mien::kernels::scan_orders(shape_.directions, shape_.height, shape_.width);
    const at::Tensor order = at::tensor(at::ArrayRef<std::int32_t>(*table)).to(at::kLong).view({shape_.directions, -1});
    const auto forward = [&] {
      std::vector<at::Tensor> merged;
      for (std::int64_t i = 0; i < shape_.pictures; ++i) merged.push_back(scan_picture(t, order, i, recurrence));
      return at::stack(merged);
    };
    at::Tensor y;
    const double there = least_seconds(repetitions_, [&] { y = forward(); });
    const double both = least_seconds(repetitions_, [&] { forward().sum().backward(); });
    return row(name, there, both - there);
  }

  template <typename Recurrence>
  at::Tensor scan_picture(const Tensors& t, const at::Tensor& order, std::int64_t i, Recurrence recurrence) const {
    const at::Tensor u = t.u[i].flatten(0, 1), rows = t.projections[i].flatten(0, 1);
    at::Tensor y = at::zeros_like(u);
    for (std::int64_t k = 0; k < shape_.directions; ++k) {
      const at::Tensor row = rows.select(1, k).index_select(0, order[k]), x = u.index_select(0, order[k]).t();
      const at::Tensor step = row.narrow(1, 0, shape_.rank), b = row.narrow(1, shape_.rank, shape_.states),
                       c = row.narrow(1, shape_.rank + shape_.states, shape_.states);
      const at::Tensor delta = at::softplus(at::matmul(t.dt_weight[k], step.t()) + t.dt_bias[k].unsqueeze(1));
      const at::Tensor a = -at::exp(t.a_logs.view({shape_.directions, -1, shape_.states})[k]);
      const at::Tensor decay = at::exp(delta.unsqueeze(-1) * a.unsqueeze(1)).unsqueeze(0);  // (1,D,L,N)
      const at::Tensor added = ((delta * x).unsqueeze(-1) * b.unsqueeze(0)).unsqueeze(0);
      const at::Tensor states = recurrence(decay, added)[0];
      const at::Tensor out = (states * c.unsqueeze(0)).sum(-1) + t.d.view({shape_.directions, -1, 1})[k] * x;
      y = y.index_add(0, order[k], out.t());
    }
    return y;
  }

  const mien::kernels::ScanShape shape_;
  const int repetitions_;
  const double steps_;
  Tensors in_;
};

}  // namespace

int main(int argc, char** argv) {
  const bool kernels_only = argc == 7 && std::string_view(argv[6]) == "kernels";
  if (argc != 6 && !kernels_only) {
    std::cerr << "usage: selective_scan HEIGHT WIDTH CHANNELS RANK REPETITIONS [kernels]\n";
    return 2;
  }
  try {
    const int repetitions = std::max(std::atoi(argv[5]), 1);
    const mien::kernels::ScanShape shape{.pictures = 1,
                                         .height = std::atoi(argv[1]),
                                         .width = std::atoi(argv[2]),
                                         .channels = std::atoll(argv[3]),
                                         .states = kStates,
                                         .rank = std::atoi(argv[4]),
                                         .directions = kDirections};
    at::set_num_threads(1);
    const mien::Machine machine = mien::this_machine();
    Bench bench(shape, repetitions);
    Json rows = Json::array();
    for (const InstructionSet set : mien::kernels::instruction_sets()) rows.push_back(bench.kernel(set));
    if (!kernels_only) {
      rows.push_back(bench.torch_loop());
      rows.push_back(bench.torch_associative());
    }
    std::cout << mien::compact({{"processor", machine.processor},
                                {"instruction_sets", machine.instruction_sets},
                                {"load", machine.load},
                                {"height", shape.height},
                                {"width", shape.width},
                                {"channels", shape.channels},
                                {"repetitions", repetitions},
                                {"forms", rows}})
              << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
