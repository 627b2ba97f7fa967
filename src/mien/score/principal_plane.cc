// SPDX-License-Identifier: Apache-2.0
#include "mien/score/principal_plane.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace mien::score {
namespace {

using Vector = std::vector<double>;

constexpr int kMostSteps = 500;
constexpr double kSettled = 1e-10, kRounding = 1e-12;

double dot(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

/// Normalises; returns the old length. A vector no longer than `nothing` is only rounding error and becomes zero.
double normalise(Vector& v, double nothing) {
  const double length = std::sqrt(dot(v, v));
  for (double& c : v) c = length > nothing ? c / length : 0;
  return length > nothing ? length : 0;
}

Vector means(std::span<const float> rows, std::size_t dims) {
  Vector mean(dims);
  for (std::size_t i = 0; i < rows.size(); ++i) mean[i % dims] += rows[i];
  for (double& m : mean) m *= static_cast<double>(dims) / static_cast<double>(rows.size());
  return mean;
}

/// Symmetric, row-major (dims × dims).
Vector covariance(std::span<const float> rows, const Vector& mean) {
  const std::size_t dims = mean.size(), n = rows.size() / dims;
  Vector out(dims * dims), centred(dims);
  for (std::size_t r = 0; r < n; ++r) {
    for (std::size_t i = 0; i < dims; ++i) centred[i] = rows[r * dims + i] - mean[i];
    for (std::size_t i = 0; i < dims; ++i)
      for (std::size_t j = 0; j < dims; ++j) out[i * dims + j] += centred[i] * centred[j] / static_cast<double>(n);
  }
  return out;
}

Vector times(const Vector& matrix, const Vector& v) {
  Vector out(v.size());
  for (std::size_t i = 0; i < v.size(); ++i)
    out[i] = std::inner_product(v.begin(), v.end(), matrix.begin() + static_cast<std::ptrdiff_t>(i * v.size()), 0.0);
  return out;
}

/// The eigenvectors of the two largest eigenvalues (possibly zero vectors), and these eigenvalues.
std::pair<std::array<Vector, 2>, std::array<double, 2>> leading(const Vector& matrix, std::size_t dims) {
  std::array<Vector, 2> axes{Vector(dims), Vector(dims)};
  for (std::size_t i = 0; i < dims; ++i)
    axes[0][i] = 1 + 0.01 * static_cast<double>(i), axes[1][i] = i % 2 ? -1.0 : 1.0 + 0.01 * static_cast<double>(i);
  std::array<double, 2> values{};
  for (int step = 0; step < kMostSteps; ++step) {
    double moved = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      Vector next = times(matrix, axes[k]);
      if (k == 1) {
        const double along = dot(next, axes[0]);
        for (std::size_t i = 0; i < dims; ++i) next[i] -= along * axes[0][i];
      }
      values[k] = normalise(next, k == 1 ? kRounding * values[0] : 0);
      for (std::size_t i = 0; i < dims; ++i) moved = std::max(moved, std::abs(next[i] - axes[k][i]));
      axes[k] = std::move(next);
    }
    if (moved < kSettled) break;
  }
  for (auto& axis : axes) {
    const auto largest =
        std::max_element(axis.begin(), axis.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
    if (*largest < 0)
      for (double& c : axis) c = -c;
  }
  return {axes, values};
}

}  // namespace

PrincipalPlane principal_plane(std::span<const float> rows, std::size_t dims) {
  PrincipalPlane out;
  if (rows.empty() || dims == 0) return out;
  const Vector mean = means(rows, dims), matrix = covariance(rows, mean);
  const auto [axes, values] = leading(matrix, dims);
  double whole = 0;
  for (std::size_t i = 0; i < dims; ++i) whole += matrix[i * dims + i];
  if (whole > 0) out.share_x = values[0] / whole, out.share_y = values[1] / whole;
  for (std::size_t r = 0; r * dims < rows.size(); ++r) {
    double x = 0, y = 0;
    for (std::size_t i = 0; i < dims; ++i) {
      const double centred = rows[r * dims + i] - mean[i];
      x += centred * axes[0][i], y += centred * axes[1][i];
    }
    out.x.push_back(x), out.y.push_back(y);
  }
  return out;
}

}  // namespace mien::score
