// SPDX-License-Identifier: Apache-2.0
// A method's results for its golden file, the reference's tensors for formula weights. The method declares which
// tensors it reads (input) and computes (output, gradient); the scribe compares them and lists missing ones.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "mien/method/losses.h"
#include "mien/nn/safetensors.h"
#include "mien/nn/state.h"

namespace mien::method {

inline constexpr double kOutputTolerance = 1e-4;
inline constexpr double kGradientTolerance = 1e-3;

struct GoldenRow {
  std::string name;
  double relative_error = 0;  ///< ||a - b|| / ||b||; infinite if this build's value is not a number
  double tolerance = 0;
  bool passed() const { return relative_error <= tolerance; }
};

struct GoldenReport {
  std::vector<GoldenRow> rows;          ///< worst relative to its tolerance first
  std::vector<std::string> unanswered;  ///< in the file, neither an input nor computed by this build
  std::vector<std::string> absent;      ///< computed by this build, not in the file: the file is truncated
  bool passed() const;
};

class GoldenScribe {
 public:
  explicit GoldenScribe(nn::TensorFile file);

  // Values of the file.
  /// The golden file among those of the method: the file's name without extension, "fer-yolo-mamba-scan".
  std::string stem() const { return std::filesystem::path(file_.origin).stem().string(); }
  bool has(const std::string& name) const { return file_.has(name); }
  /// A number of the metadata. Throws bad_input, naming file and key, if there is none.
  double number(const std::string& key) const;
  std::string text(const std::string& key) const;
  std::int64_t num_classes() const { return static_cast<std::int64_t>(number("num_classes")); }
  /// An input of the reference, or a tensor that only describes how the file was made; it is not compared.
  const at::Tensor& input(const std::string& name);
  /// The stored value of a tensor that is compared elsewhere: to continue a computation from the reference's value.
  const at::Tensor& stored(const std::string& name) const { return file_.at(name); }
  /// All names of the file that begin with `prefix`, in file order.
  std::vector<std::string> names(const std::string& prefix = {}) const;

  // Formula weights (nn/state.h).
  std::string salt() const { return text("salt"); }
  void fill(torch::nn::Module& module) const { nn::fill_by_formula(module, salt()); }
  /// A leaf that requires its gradient.
  at::Tensor parameter(const std::string& key, at::IntArrayRef shape) const {
    return nn::formula_tensor(salt(), key, shape).requires_grad_(true);
  }

  // Results of this build.
  /// An output that is missing in the file fails the report: the file is truncated.
  void output(const std::string& name, const at::Tensor& value, double tolerance = kOutputTolerance);
  /// Files contain only some gradients: a missing one is skipped.
  void gradient(const std::string& name, const at::Tensor& value, double tolerance = kGradientTolerance);
  /// "PREFIX.NAME" of each term and "PREFIX.total".
  void losses(const std::string& prefix, const Losses& losses);
  /// "PREFIX.KEY" for each parameter that has a gradient.
  void gradients(const std::string& prefix, const torch::nn::Module& module);

  GoldenReport report() const;

 private:
  nn::TensorFile file_;
  std::set<std::string> inputs_;
  std::vector<GoldenRow> rows_;
  std::vector<std::string> absent_;
};

}  // namespace mien::method
