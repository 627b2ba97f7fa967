// SPDX-License-Identifier: Apache-2.0
// Inference: a Model is compiled once and shared by all threads; a Session has the buffers of one thread.
// OpenVINO on the processor; no type of it leaves this folder. Compiled networks are kept in user_cache_dir().
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mien::runtime {

enum class Precision { f32, bf16 };
constexpr auto words_of(Precision) { return std::array{"f32", "bf16"}; }

using Shape = std::vector<std::int64_t>;  ///< -1: any size

struct ModelOptions {
  Precision precision = Precision::f32;  ///< bf16 if the processor supports it; f32 is exact and deliberately the
                                         ///< default: on processors with AMX the runtime would choose bfloat16
  int threads = 0;                       ///< for one inference; 0: all cores
  int streams = 1;                       ///< parallel inferences, for sessions of several threads
  bool use_cache = true;
  std::optional<Shape> input_shape;   ///< replaces the shape in the file
  std::vector<std::string> begin_at;  ///< outputs that become the inputs: only the part of the network from them to
  std::vector<std::string> end_at;    ///< these outputs is used
  bool single = false;  ///< a variable batch size costs about a sixth of the time at batch 1: compile the network for
                        ///< batch 1 first, and for other batches when the first one arrives
};

/// Immutable and cheap to copy; thread-safe.
class Model {
 public:
  /// An ONNX or TFLite file with one float32 input; with ModelOptions::begin_at, a part of it. Throws missing, or
  /// bad_input if the file cannot be read or compiled.
  static Model load(const std::filesystem::path& path, const ModelOptions& options = {});

  const Shape& input_shape() const;                      ///< of the first input
  const std::vector<std::string>& output_names() const;  ///< in file order

 private:
  friend class Session;
  friend std::vector<std::string> kernel_instruction_sets(const Model& model);
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

struct TensorView {
  Shape shape;
  std::span<const float> values;  ///< row-major; valid until the next run() of the session
};

/// One thread's inference. Not thread-safe.
class Session {
 public:
  explicit Session(const Model& model);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  /// The input buffer in the given shape, to be filled before run(). Throws bad_input if the model cannot take it.
  std::span<float> input(const Shape& shape) { return input(0, shape); }
  std::span<float> input(std::size_t index, const Shape& shape);
  void run();
  /// Integers and booleans are returned as float32. Throws bad_input for other types and unknown names.
  TensorView output(std::string_view name) const;
  TensorView output(std::size_t index) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Name and version of the runtime, for run records: "OpenVINO 2026.4.0".
std::string runtime_version();

/// The runtime that this program was compiled against, in the same form.
std::string runtime_version_built_with();
/// Instruction sets of the kernels that a compiled network uses, most frequent first: "avx512", "amx", "avx2"; "any"
/// for plain code.
std::vector<std::string> kernel_instruction_sets(const Model& model);

}  // namespace mien::runtime
