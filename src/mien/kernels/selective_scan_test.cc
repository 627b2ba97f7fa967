// SPDX-License-Identifier: Apache-2.0
#include "mien/kernels/selective_scan.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "mien/base/error.h"
#include "mien/kernels/scan_block.h"
#include "mien/kernels/scan_order.h"

namespace mien::kernels {
namespace {

template <typename T>
struct Problem {
  ScanShape shape;
  std::vector<T> u, projections, dt_weight, dt_bias, a_logs, d;

  ScanInputs<T> inputs() const {
    return {u.data(), projections.data(), dt_weight.data(), dt_bias.data(), a_logs.data(), d.data()};
  }
  std::vector<std::vector<T>*> all() { return {&u, &projections, &dt_weight, &dt_bias, &a_logs, &d}; }
};

template <typename T>
Problem<T> random_problem(const ScanShape& s, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  const auto fill = [&](std::int64_t count, double scale, double shift = 0) {
    std::vector<T> values(static_cast<std::size_t>(count));
    for (T& v : values) v = static_cast<T>(shift + scale * uniform(random));
    return values;
  };
  const std::int64_t rows = s.directions * s.channels;
  return {s,
          fill(s.pictures * s.positions() * s.channels, 1),
          fill(s.pictures * s.positions() * s.directions * s.row(), 1),
          fill(rows * s.rank, 0.5),
          fill(rows, 2, -3),
          fill(rows * s.states, 1, 1),
          fill(rows, 1)};
}

/// The definition, one number at a time.
template <typename T>
std::vector<T> naive(const Problem<T>& p) {
  const ScanShape& s = p.shape;
  const std::int64_t length = s.positions();
  std::vector<T> y(p.u.size(), T(0));
  const auto orders = scan_orders(s.directions, s.height, s.width);
  for (std::int64_t i = 0; i < s.pictures; ++i)
    for (std::int64_t k = 0; k < s.directions; ++k)
      for (std::int64_t d = 0; d < s.channels; ++d) {
        std::vector<T> x(static_cast<std::size_t>(s.states), T(0));
        const std::int64_t kd = k * s.channels + d;
        for (std::int64_t t = 0; t < length; ++t) {
          const std::int64_t pixel = i * length + (*orders)[static_cast<std::size_t>(k * length + t)];
          const T* row = p.projections.data() + (pixel * s.directions + k) * s.row();
          T raw = p.dt_bias[static_cast<std::size_t>(kd)];
          for (int r = 0; r < s.rank; ++r) raw += p.dt_weight[static_cast<std::size_t>(kd * s.rank + r)] * row[r];
          const T delta = raw > T(20) ? raw : std::log1p(std::exp(raw));
          const T u = p.u[static_cast<std::size_t>(pixel * s.channels + d)];
          T sum = p.d[static_cast<std::size_t>(kd)] * u;
          for (int n = 0; n < s.states; ++n) {
            const T a = -std::exp(p.a_logs[static_cast<std::size_t>(kd * s.states + n)]);
            const T w = s.zero_order_hold ? std::expm1(delta * a) / a : delta;
            T& state = x[static_cast<std::size_t>(n)];
            state = std::exp(delta * a) * state + w * u * row[s.rank + n];
            sum += state * row[s.rank + s.states + n];
          }
          y[static_cast<std::size_t>(pixel * s.channels + d)] += sum;
        }
      }
  return y;
}

template <typename T>
struct Result {
  std::vector<T> y, kept;
  Problem<T> gradients;
};

template <typename T>
Result<T> run(const Problem<T>& p, const std::vector<T>& grad_y, InstructionSet set, int threads = 1) {
  Result<T> r{std::vector<T>(p.u.size()), std::vector<T>(static_cast<std::size_t>(kept_state_count(p.shape))), p};
  for (auto* values : r.gradients.all()) std::fill(values->begin(), values->end(), T(777));  // all must be written
  const Parallel parallel = parallel_threads(threads);
  selective_scan(p.shape, p.inputs(), r.y.data(), r.kept.data(), parallel, set);
  Problem<T>& g = r.gradients;
  selective_scan_backward(
      p.shape, p.inputs(), r.kept.data(), grad_y.data(),
      {g.u.data(), g.projections.data(), g.dt_weight.data(), g.dt_bias.data(), g.a_logs.data(), g.d.data()}, parallel,
      set);
  return r;
}

/// ||a - b|| / ||b||
template <typename A, typename B>
double distance(const std::vector<A>& a, const std::vector<B>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(double(a[i]) - double(b[i]), 2);
    size += double(b[i]) * double(b[i]);
  }
  return std::sqrt(difference) / std::max(std::sqrt(size), 1e-300);
}

std::vector<ScanShape> shapes() {
  std::vector<ScanShape> all;
  for (const int length : {1, 31, 32, 33, 1600})
    all.push_back({.pictures = 1, .height = 1, .width = length, .channels = 16, .rank = 4, .directions = 2});
  all.push_back({.pictures = 2, .height = 5, .width = 7, .channels = 3, .states = 5, .rank = 2});
  all.push_back({.pictures = 1, .height = 13, .width = 3, .channels = 37, .states = 1, .rank = 1, .directions = 4});
  all.push_back({.pictures = 3, .height = 9, .width = 8, .channels = 70, .rank = 33, .directions = 8});
  return all;
}

template <typename T>
void expect_naive(double tolerance) {
  for (ScanShape shape : shapes())
    for (const bool hold : {false, true})
      for (const InstructionSet set : instruction_sets()) {
        shape.zero_order_hold = hold;
        const auto problem = random_problem<T>(shape);
        std::vector<T> y(problem.u.size());
        selective_scan<T>(shape, problem.inputs(), y.data(), nullptr, parallel_threads(1), set);
        EXPECT_LT(distance(y, naive(problem)), tolerance)
            << to_string(set) << ", " << shape.height << " × " << shape.width << " × " << shape.channels
            << (hold ? ", zero-order hold" : "");
      }
}

TEST(SelectiveScan, EqualsTheNaiveLoopInFloat) { expect_naive<float>(1e-5); }
TEST(SelectiveScan, EqualsTheNaiveLoopInDouble) { expect_naive<double>(1e-12); }

TEST(SelectiveScan, HandCaseOfTheCard) {  // section 9: Δ = ln 2, A = -1, B = C = 1, D = 0.5, u = 1, 2, 3
  const ScanShape shape{.height = 1, .width = 3, .channels = 1, .states = 1, .rank = 1, .directions = 1};
  const Problem<double> p{shape, {1, 2, 3}, {0, 1, 1, 0, 1, 1, 0, 1, 1}, {1}, {0}, {0}, {0.5}};
  for (const InstructionSet set : instruction_sets()) {
    const auto r = run<double>(p, {1, 1, 1}, set);
    const auto expect = [](const std::vector<double>& is, const std::vector<double>& wanted) {
      ASSERT_EQ(is.size(), wanted.size());
      for (std::size_t i = 0; i < is.size(); ++i) EXPECT_NEAR(is[i], wanted[i], 6e-7);
    };
    expect(r.y, {1.193147, 2.732868, 4.445875});
    expect(r.gradients.u, {1.713008, 1.539721, 1.193147});
    expect(r.gradients.projections,  // dδ, dB, dC of each position
           {0.875000, 1.213008, 0.693147, 1.240070, 2.079442, 1.732868, 1.066783, 2.079442, 2.945876});
    expect(r.gradients.a_logs, {-0.960906});  // dA · A
    expect(r.gradients.d, {6});
    expect(r.gradients.dt_bias, {3.181853});
  }
}

TEST(SelectiveScan, GradientsEqualDifferenceQuotients) {
  for (const bool hold : {false, true})
    for (const InstructionSet set : instruction_sets()) {
      ScanShape shape{.pictures = 2, .height = 7, .width = 5, .channels = 3, .states = 2, .rank = 2, .directions = 8};
      shape.zero_order_hold = hold;
      auto problem = random_problem<double>(shape);
      const auto grad_y = random_problem<double>(shape, 2).u;
      auto gradients = run(problem, grad_y, set).gradients;
      const auto loss = [&] {
        const auto y = naive(problem);
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * grad_y[i];
        return sum;
      };
      for (std::size_t input = 0; input < problem.all().size(); ++input) {
        auto& values = *problem.all()[input];
        std::vector<double> quotients, found;
        for (std::size_t i = 0; i < values.size(); i += 1 + values.size() / 20) {
          const double kept = values[i];
          values[i] = kept + 1e-5;
          const double above = loss();
          values[i] = kept - 1e-5;
          quotients.push_back((above - loss()) / 2e-5);
          values[i] = kept;
          found.push_back((*gradients.all()[input])[i]);
        }
        EXPECT_LT(distance(found, quotients), 1e-8)
            << "input " << input << ", " << to_string(set) << (hold ? ", hold" : "");
      }
    }
}

TEST(SelectiveScan, FloatGradientsEqualDoubleOnes) {
  for (const ScanShape& shape : shapes())
    for (const InstructionSet set : instruction_sets()) {
      auto exact = random_problem<double>(shape);
      auto rounded = random_problem<float>(shape);
      auto expected = run(exact, random_problem<double>(shape, 2).u, InstructionSet::scalar).gradients;
      auto found = run(rounded, random_problem<float>(shape, 2).u, set).gradients;
      for (std::size_t i = 0; i < found.all().size(); ++i)
        EXPECT_LT(distance(*found.all()[i], *expected.all()[i]), 2e-5) << "input " << i << ", " << to_string(set);
    }
}

TEST(SelectiveScan, ThreadsNeverChangeABit) {
  for (const InstructionSet set : instruction_sets()) {
    const ScanShape shape{.pictures = 5, .height = 6, .width = 11, .channels = 200, .rank = 8};
    const auto problem = random_problem<float>(shape);
    const auto grad_y = random_problem<float>(shape, 2).u;
    auto one = run(problem, grad_y, set, 1);
    for (const int threads : {2, 8}) {
      auto many = run(problem, grad_y, set, threads);
      EXPECT_EQ(many.y, one.y) << to_string(set);
      for (std::size_t i = 0; i < one.gradients.all().size(); ++i)
        EXPECT_EQ(*many.gradients.all()[i], *one.gradients.all()[i]) << "input " << i << ", " << to_string(set);
    }
  }
}

TEST(SelectiveScan, StepsOfAllSizes) {  // softplus near 0, in the linear part and at both ends
  const ScanShape shape{.height = 1, .width = 8, .channels = 1, .states = 1, .rank = 1, .directions = 1};
  Problem<double> p{shape, {1, 1, 1, 1, 1, 1, 1, 1}, {}, {1}, {0}, {-2}, {0}};
  for (const double raw : {-745.0, -40.0, -30.0, -1.0, 0.0, 19.9, 25.0, 700.0})
    p.projections.insert(p.projections.end(), {raw, 1, 1});
  for (const InstructionSet set : instruction_sets()) {
    const auto r = run<double>(p, p.u, set);
    EXPECT_LT(distance(r.y, naive(p)), 1e-14) << to_string(set);
    for (const double g : r.gradients.projections) EXPECT_TRUE(std::isfinite(g));
  }
}

TEST(SelectiveScan, NanGoesOn) {
  const ScanShape shape{.height = 1, .width = 2, .channels = 1, .states = 1, .rank = 1, .directions = 1};
  const Problem<float> p{shape, {1, 1}, {std::nanf(""), 1, 1, 0, 1, 1}, {1}, {0}, {0}, {0}};
  for (const InstructionSet set : instruction_sets()) {
    const auto r = run<float>(p, {1, 1}, set);
    EXPECT_TRUE(std::isnan(r.y[0]) && std::isnan(r.y[1])) << to_string(set);
  }
}

TEST(SelectiveScan, MergeIsTheSumOverDirections) {
  // Without memory (a very fast decay), B C = 0 and D = 1, each direction returns u: the merge is 8 u.
  ScanShape shape{.height = 3, .width = 4, .channels = 2, .states = 1, .rank = 1, .directions = 8};
  auto p = random_problem<float>(shape);
  std::fill(p.projections.begin(), p.projections.end(), 0.0f);
  std::fill(p.d.begin(), p.d.end(), 1.0f);
  std::vector<float> y(p.u.size());
  selective_scan<float>(shape, p.inputs(), y.data(), nullptr, parallel_threads(1));
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_FLOAT_EQ(y[i], 8 * p.u[i]);
}

TEST(SelectiveScan, RefusesWhatItHasNoRoomFor) {
  const Parallel serial = parallel_threads(1);
  float value = 0;
  const ScanInputs<float> inputs{&value, &value, &value, &value, &value, &value};
  EXPECT_THROW(selective_scan<float>({.states = 33}, inputs, &value, nullptr, serial), Error);
  EXPECT_THROW(selective_scan<float>({.height = 0}, inputs, &value, nullptr, serial), Error);
  EXPECT_THROW(selective_scan<float>({.directions = 3}, inputs, &value, nullptr, serial), Error);
}

template <typename T, typename Integer>
double worst_ulp(const ScanLoops<T>& loops, T lowest) {
  std::vector<T> x, y(100000);
  for (std::size_t i = 0; i < y.size(); ++i) x.push_back(lowest * static_cast<T>(i) / static_cast<T>(y.size()));
  loops.exponential(x.data(), y.data(), static_cast<std::int64_t>(x.size()));
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const long double exact = std::exp(static_cast<long double>(x[i]));
    const T near = static_cast<T>(exact);
    const long double unit = static_cast<long double>(std::nextafter(near, T(2)) - near);
    worst = std::max(worst, static_cast<double>(std::abs(static_cast<long double>(y[i]) - exact) / unit));
  }
  return worst;
}

TEST(Exponential, IsWithinTwoUnitsOfTheLastPlace) {
  for (const InstructionSet set : instruction_sets()) {
    const bool wide = set == InstructionSet::avx512, plain = set == InstructionSet::scalar;
    const auto floats = plain ? scalar_loops<float>() : wide ? avx512_loops<float>() : avx2_loops<float>();
    const auto doubles = plain ? scalar_loops<double>() : wide ? avx512_loops<double>() : avx2_loops<double>();
    const double of_float = worst_ulp<float, std::int32_t>(floats, -87.3f);
    const double of_double = worst_ulp<double, std::int64_t>(doubles, -708.0);
    RecordProperty(std::string(to_string(set)), std::to_string(of_float) + " " + std::to_string(of_double));
    EXPECT_LT(of_float, 1.5) << to_string(set);
    EXPECT_LT(of_double, 2) << to_string(set);
    float below[] = {-87.4f, -1e10f, -INFINITY}, results[3];
    floats.exponential(below, results, 3);
    for (const float value : results) EXPECT_EQ(value, 0.0f);
  }
}

}  // namespace
}  // namespace mien::kernels
