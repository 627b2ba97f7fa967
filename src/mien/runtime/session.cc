// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/session.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <openvino/openvino.hpp>
#include <thread>
#include <unordered_set>

#include "mien/base/container.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/runtime/network_part.h"
#include "mien/runtime/operators.h"
#include "mien/runtime/plugin_folder.h"

namespace mien::runtime {
namespace {

/// One per process, never destroyed: the system unloads plugins, and the order of static destruction is not
/// defined.
ov::Core& core() {
  static ov::Core* const instance = [] {
    check_plugin_lookup(openvino_folder());
    auto* const made = new ov::Core;
    add_operators(*made);
    return made;
  }();
  return *instance;
}

/// OpenVINO's messages have many lines with source locations; the last non-empty line says what is wrong.
std::string reason(const std::exception& error) {
  std::string last;
  for (const auto& line : lines_of(error.what()))
    if (!trim(line).empty()) last = trim(line);
  return last;
}

Shape to_shape(const ov::PartialShape& shape) {
  Shape out;
  for (const auto& d : shape) out.push_back(d.is_static() ? d.get_length() : -1);
  return out;
}

/// OpenVINO counts the available cores but ignores a container's limit on processor time. The threads within that
/// limit; 0 if it allows all cores.
int container_threads() {
  const int cores = usable_cores();
  return cores < static_cast<int>(std::thread::hardware_concurrency()) ? cores : 0;
}

ov::AnyMap configuration(const ModelOptions& options) {
  ov::AnyMap config;
  config.insert(
      ov::hint::inference_precision(options.precision == Precision::bf16 ? ov::element::bf16 : ov::element::f32));
  config.insert(ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY));
  config.insert(ov::hint::enable_cpu_pinning(false));  // several networks take turns on the same cores
  if (options.streams > 1) config.insert(ov::num_streams(options.streams));
  if (const int threads = options.threads > 0 ? options.threads : container_threads())
    config.insert(ov::inference_num_threads(threads));
  // OpenVINO caches prepared data for each shape, thousands of entries: memory that grows with every new picture
  // size.
  if (options.input_shape) config.insert({"CPU_RUNTIME_CACHE_CAPACITY", 0});
  if (options.use_cache) config.insert(ov::cache_dir((user_cache_dir() / "networks").string()));
  return config;
}

/// Reads `path` and gives its input another shape.
std::shared_ptr<ov::Model> read_shaped(const std::filesystem::path& path, const Shape& shape) {
  auto graph = core().read_model(path.string());
  std::vector<ov::Dimension> dimensions;
  for (const auto d : shape) dimensions.emplace_back(d);
  graph->reshape(ov::PartialShape(dimensions));
  return graph;
}

/// Reads `path` in the shape of the options, or the part that they specify.
std::shared_ptr<ov::Model> read(const std::filesystem::path& path, const ModelOptions& options) {
  if (options.input_shape) return read_shaped(path, *options.input_shape);
  const auto graph = core().read_model(path.string());
  return options.begin_at.empty() ? graph : part_of(*graph, options.begin_at, options.end_at);
}

/// Threads for mien's own operators: the requested number, or this stream's share of the cores.
int operator_threads(const ModelOptions& options) {
  if (options.threads > 0) return options.threads;
  return std::max(1, usable_cores() / std::max(1, options.streams));
}

/// Compiles the file at `path` in the shape of the options.
ov::CompiledModel compile(const std::filesystem::path& path, const ModelOptions& options, const ov::AnyMap& config) {
  const bool limited = operator_threads(options) < usable_cores();
  const bool is_whole = !options.input_shape && options.begin_at.empty();
  if (is_whole && !limited) return core().compile_model(path.string(), "CPU", config);
  const auto graph = read(path, options);
  if (!limit_operator_threads(*graph, operator_threads(options)) && is_whole)
    return core().compile_model(path.string(), "CPU", config);  // the shorter way into the cache
  return core().compile_model(graph, "CPU", config);
}

/// Runs `compile` with the configuration; a cache that is full, read-only or damaged must not stop the work.
template <typename Compile>
ov::CompiledModel with_cache(const ModelOptions& options, Compile compile) {
  if (options.use_cache && cache_is_safe()) {
    try {
      return compile(configuration(options));
    } catch (const std::exception&) {
    }
  }
  ModelOptions uncached = options;
  uncached.use_cache = false;
  return compile(configuration(uncached));
}

}  // namespace

struct Model::Impl {
  std::string origin;
  ModelOptions options;
  std::shared_ptr<ov::Model> graph;  ///< kept if networks are compiled on demand; with a variable batch size
  std::vector<Shape> input_shapes;
  std::vector<std::string> output_names;
  std::vector<std::unordered_set<std::string>> aliases;  ///< of each output: a graph may have several names for one
  mutable std::mutex mutex;                              ///< guards the two below
  mutable std::optional<ov::CompiledModel> any, single;

  bool has_single() const { return graph != nullptr; }
  const ov::CompiledModel& loaded() const { return has_single() ? *single : *any; }  ///< what load() compiled
  /// A request to the network for batch 1 only, or for any batch; compiled at the first request.
  ov::InferRequest request(bool for_single) const {
    const std::lock_guard lock(mutex);
    auto& network = for_single ? single : any;
    if (!network) {
      const auto wanted = for_single ? graph->clone() : graph;
      if (for_single) {
        ov::PartialShape shape = graph->input().get_partial_shape();
        shape[0] = 1;
        wanted->reshape(shape);
      }
      network = with_cache(options, [&](const ov::AnyMap& c) { return core().compile_model(wanted, "CPU", c); });
    }
    return network->create_infer_request();
  }
};

Model Model::load(const std::filesystem::path& path, const ModelOptions& options) {
  require_file(path, "model");
  auto impl = std::make_shared<Impl>();
  impl->origin = path.string();
  impl->options = options;
  try {
    if (options.single && !options.input_shape && options.begin_at.empty()) {
      auto graph = core().read_model(path.string());
      limit_operator_threads(*graph, operator_threads(options));
      const auto& shape = graph->input().get_partial_shape();
      if (shape.rank().is_static() && shape.size() > 0 && shape[0].is_dynamic()) impl->graph = std::move(graph);
    }
    if (impl->has_single()) {
      impl->request(true);
    } else {
      impl->any = with_cache(options, [&](const ov::AnyMap& config) { return compile(path, options, config); });
    }
    const auto& compiled = impl->loaded();
    for (const auto& input : impl->has_single() ? std::as_const(*impl->graph).inputs() : compiled.inputs()) {
      impl->input_shapes.push_back(to_shape(input.get_partial_shape()));
      check_input(input.get_element_type() == ov::element::f32,
                  fmt::format("{}: an input is not float32.", path.string()));
    }
    // An output that is constant for one picture loses its name when it is compiled for that batch.
    for (const auto& output : impl->has_single() ? std::as_const(*impl->graph).outputs() : compiled.outputs()) {
      impl->output_names.push_back(output.get_any_name());
      impl->aliases.push_back(output.get_names());
    }
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    fail_input(fmt::format("{}: the network cannot be loaded ({}).", path.string(), reason(error)),
               "Copy or download the file again.");
  }
  Model model;
  model.impl_ = std::move(impl);
  return model;
}

const Shape& Model::input_shape() const { return impl_->input_shapes.front(); }
const std::vector<std::string>& Model::output_names() const { return impl_->output_names; }

namespace {

template <typename T>
std::span<const float> converted(const ov::Tensor& tensor, std::vector<float>& buffer) {
  const T* values = tensor.data<const T>();
  buffer.assign(values, values + tensor.get_size());
  return buffer;
}

}  // namespace

struct Session::Impl {
  std::shared_ptr<const Model::Impl> model;
  std::map<std::size_t, std::vector<float>> converted_outputs;  ///< of those that are not float32
  std::optional<ov::InferRequest> any, single;
  bool is_single = false;  ///< the request for which input() was last called

  ov::InferRequest& request() {
    auto& chosen = is_single ? single : any;
    try {
      if (!chosen) chosen = model->request(is_single);
    } catch (const std::exception& error) {
      throw Error(ErrorKind::failed,
                  fmt::format("{}: the network cannot be compiled ({}).", model->origin, reason(error)));
    }
    return *chosen;
  }
};

Session::Session(const Model& model) : impl_(std::make_unique<Impl>()) {
  impl_->model = model.impl_;
  impl_->is_single = model.impl_->has_single();
  impl_->request();
}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

std::span<float> Session::input(std::size_t index, const Shape& shape) {
  const Shape& wanted = impl_->model->input_shapes.at(index);
  bool fits = shape.size() == wanted.size();
  for (std::size_t i = 0; fits && i < shape.size(); ++i)
    fits = shape[i] > 0 && (wanted[i] == -1 || wanted[i] == shape[i]);
  check_input(fits,
              fmt::format("{}: the input does not have the shape that this network expects.", impl_->model->origin));
  impl_->is_single = impl_->model->has_single() && shape.front() == 1;
  ov::Tensor tensor = impl_->request().get_input_tensor(index);
  const ov::Shape target(shape.begin(), shape.end());
  if (tensor.get_shape() != target) tensor.set_shape(target);
  return {tensor.data<float>(), tensor.get_size()};
}

void Session::run() {
  try {
    impl_->request().infer();
  } catch (const std::exception& error) {
    throw Error(ErrorKind::failed, fmt::format("{}: the network failed ({}).", impl_->model->origin, reason(error)));
  }
}

TensorView Session::output(std::string_view name) const {
  const auto& aliases = impl_->model->aliases;
  for (std::size_t i = 0; i < aliases.size(); ++i)
    if (aliases[i].contains(std::string(name))) return output(i);
  fail_input(fmt::format("{}: no output named {}; it has {}.", impl_->model->origin, quote(name),
                         join(impl_->model->output_names, ", ")));
}

TensorView Session::output(std::size_t index) const {
  const ov::Tensor tensor = impl_->request().get_output_tensor(index);
  const ov::Shape dims = tensor.get_shape();
  const Shape shape(dims.begin(), dims.end());
  const auto type = tensor.get_element_type();
  if (type == ov::element::f32) return {shape, {tensor.data<const float>(), tensor.get_size()}};
  std::vector<float>& buffer = impl_->converted_outputs[index];
  if (type == ov::element::i64) return {shape, converted<std::int64_t>(tensor, buffer)};
  if (type == ov::element::i32) return {shape, converted<std::int32_t>(tensor, buffer)};
  if (type == ov::element::boolean) return {shape, converted<char>(tensor, buffer)};
  fail_input(fmt::format("{}: output {} is of type {}; mien reads float32, int32, int64 and boolean.",
                         impl_->model->origin, index, type.get_type_name()));
}

std::string runtime_version() {
  const std::string build = ov::get_openvino_version().buildNumber;  // "2026.4.0-21000-abc"
  return "OpenVINO " + build.substr(0, build.find('-'));
}

std::string runtime_version_built_with() {
  return fmt::format("OpenVINO {}.{}.{}", OPENVINO_VERSION_MAJOR, OPENVINO_VERSION_MINOR, OPENVINO_VERSION_PATCH);
}

std::vector<std::string> kernel_instruction_sets(const Model& model) {
  std::vector<std::pair<int, std::string>> counts;
  for (const char* name : {"amx", "avx512", "avx2", "avx", "sse", "neon", "sve", "acl", "ref", "any"})
    counts.emplace_back(0, name);
  for (const auto& op : model.impl_->loaded().get_runtime_model()->get_ops()) {
    const auto& info = op->get_rt_info();
    const auto kernel = info.find("primitiveType");  // "brgconv_avx512_core_f32", "jit_avx2_f32", "ref_any_f32"
    if (kernel == info.end()) continue;
    const std::string words = lower(kernel->second.as<std::string>());
    const auto found = std::find_if(counts.begin(), counts.end(),
                                    [&](const auto& c) { return words.find(c.second) != std::string::npos; });
    if (found != counts.end()) ++found->first;
  }
  std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> names;
  for (const auto& [count, name] : counts)
    if (count > 0) names.push_back(name);
  return names;
}

}  // namespace mien::runtime
