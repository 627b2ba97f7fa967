// SPDX-License-Identifier: Apache-2.0
// Vectors of `Lanes` numbers with the functions that the scan needs, on the compiler's vector types. Include it only in
// the files of one instruction set: everything is in an unnamed namespace, because the same function compiled for
// two processors must not be merged into one by the linker.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

namespace mien::kernels {
namespace {

template <typename T>
struct Bits;

/// e^r = 1 + r + r² P(r) for |r| <= ln 2 / 2 and log1p by 2 atanh(s) = 2 s (1 + s² Q(s²)) for 0 <= s <= 1/3: minimax
/// polynomials with relative errors of 1.0e-8 and 1.6e-8.
template <>
struct Bits<float> {
  using Integer = std::int32_t;
  static constexpr int kMantissa = 23;
  static constexpr float kLog2e = 1.44269504088896341f;
  static constexpr float kRound = 12582912.0f;  // 1.5 · 2^23: adding it rounds to a whole number
  static constexpr float kLn2High = 0.693359375f, kLn2Low = -2.12194440054690583e-4f;  // n · kLn2High is exact
  static constexpr float kSmallest = -87.33654f;                                       // below, e^x is taken as 0
  static constexpr float kExp[] = {
      0.0013926213466332443f, 0.00836320297157585495f, 0.0416665544376859389f, 0.166665768459939763f, 0.5f, 1.0f, 1.0f};
  static constexpr float kAtanh[] = {0.134283957032930045f, 0.141179439537152172f, 0.200037924365579325f,
                                     0.33333320112915714f};
};

/// The same with relative errors of 1.7e-17 and 4.9e-18.
template <>
struct Bits<double> {
  using Integer = std::int64_t;
  static constexpr int kMantissa = 52;
  static constexpr double kLog2e = 1.44269504088896340736;
  static constexpr double kRound = 6755399441055744.0;  // 1.5 · 2^52
  static constexpr double kLn2High = 6.93145751953125e-1, kLn2Low = 1.42860682030941723212e-6;
  static constexpr double kSmallest = -708.39641853226408;
  static constexpr double kExp[] = {2.5100424157005067e-08,
                                    2.7620138719733994e-07,
                                    2.7557268378684192e-06,
                                    2.480152119021773e-05,
                                    0.00019841269863105968,
                                    0.0013888888917281794,
                                    0.008333333333330051,
                                    0.04166666666662399,
                                    0.16666666666666669,
                                    0.5000000000000001,
                                    1.0,
                                    1.0};
  static constexpr double kAtanh[] = {
      0.0808648688258243582, 0.0439826351333702879, 0.0600094876035188569, 0.0665702874006143164, 0.0769278767775791899,
      0.0909089462379576817, 0.111111113605891107,  0.142857142835358339,  0.200000000000073613,  0.333333333333333292};
};

template <typename T, int Lanes>
struct Vector {
  using Integer = typename Bits<T>::Integer;
  typedef T V __attribute__((vector_size(Lanes * sizeof(T))));
  typedef Integer I __attribute__((vector_size(Lanes * sizeof(T))));
  typedef std::make_unsigned_t<Integer> U __attribute__((vector_size(Lanes * sizeof(T))));

  static V load(const T* from) {
    V v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
  }
  /// The first `count` lanes; the others are 0.
  static V load(const T* from, int count) {
    if (count == Lanes) return load(from);
    V v = {};
    for (int i = 0; i < count && i < Lanes; ++i) v[i] = from[i];
    return v;
  }
  static void store(T* to, V v) { __builtin_memcpy(to, &v, sizeof v); }
  static void store(T* to, V v, int count) {
    if (count == Lanes) return store(to, v);
    for (int i = 0; i < count && i < Lanes; ++i) to[i] = v[i];
  }
  static void add_to(T* to, V v) { store(to, load(to) + v); }

  /// Σ coefficients[i] x^(count-1-i)
  template <int Count>
  static V polynomial(const T (&coefficients)[Count], V x) {
    V sum = coefficients[0] + V{};
    for (int i = 1; i < Count; ++i) sum = sum * x + coefficients[i];
    return sum;
  }

  /// e^x for x <= 88 (float) or 709 (double); 0 if the result would be subnormal; NaN stays NaN.
  static V exp(V x) {
    using B = Bits<T>;
    const V shifted = x * B::kLog2e + B::kRound;
    const V n = shifted - B::kRound;
    const V r = (x - n * B::kLn2High) - n * B::kLn2Low;
    const V mantissa = polynomial(B::kExp, r);
    const U scaled = (U)mantissa + ((U)shifted << B::kMantissa);  // wraps where the mask hides it
    return (V)(scaled & ~(U)(x < B::kSmallest));
  }

  /// ln(1 + y) for 0 <= y <= 1, exact in relative terms down to 0.
  static V log1p(V y) {
    const V s = y / (y + T(2));
    const V square = s * s;
    return T(2) * s * (square * polynomial(Bits<T>::kAtanh, square) + T(1));
  }

  /// One result per vector: lane j of the sum is the sum of all lanes of v[j]. Overwrites v.
  static V lane_sums(V (&v)[Lanes]) {
    if constexpr (Lanes > 1) fold<Lanes / 2>(v);
    return v[0];
  }

 private:
  template <int Half>
  static void fold(V* v) {
    for (int i = 0; i < Half; ++i) v[i] = join<Half>(v[i], v[i + Half], std::make_integer_sequence<int, Lanes>());
    if constexpr (Half > 1) fold<Half / 2>(v);
  }
  /// Lanes with bit `Half` clear hold sums of a, the others sums of b.
  template <int Half, int... J>
  static V join(V a, V b, std::integer_sequence<int, J...>) {
    return __builtin_shufflevector(a, b, ((J & Half) ? Lanes + J - Half : J)...) +
           __builtin_shufflevector(a, b, ((J & Half) ? Lanes + J : J + Half)...);
  }
};

}  // namespace
}  // namespace mien::kernels
