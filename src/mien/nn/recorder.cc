// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/recorder.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <fmt/core.h>

#include <torch/library.h>

#include <array>
#include <unordered_map>
#include <unordered_set>

#include "mien/base/error.h"

namespace mien::nn {
namespace {

using onnx::Argument;
using onnx::ElementType;
using onnx::RecordedOp;
using onnx::RecordedTensor;
using onnx::Recording;
using onnx::TensorId;
using onnx::TensorRef;

constexpr auto kKey = c10::DispatchKey::TESTING_ONLY_GenericMode;

[[noreturn]] void fail(const std::string& message, const std::string& remedy = {}) {
  throw Error(ErrorKind::failed, "Export: " + message + ".", remedy);
}

ElementType element_type(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return ElementType::float32;
    case at::kDouble:
      return ElementType::float64;
    case at::kHalf:
      return ElementType::float16;
    case at::kInt:
      return ElementType::int32;
    case at::kLong:
      return ElementType::int64;
    case at::kBool:
      return ElementType::boolean;
    default:
      fail(fmt::format("tensors of type {} have no ONNX form here", toString(type)),
           "Run the forward pass in float32.");
  }
}

std::string raw_bytes(const at::Tensor& t) {
  const at::Tensor plain = t.detach().cpu().contiguous();
  return {static_cast<const char*>(plain.const_data_ptr()), plain.nbytes()};
}

/// A run being recorded. Tensors are identified by their object and all kept alive, so that no address is reused.
class Tape {
 public:
  Recording recording;

  explicit Tape(const NamedTensors& weights) {
    for (const auto& named : weights) named_.emplace(named.second.const_data_ptr(), &named);
  }

  /// A new value; an in-place result is a new value under the old object.
  TensorId add(const at::Tensor& t) {
    alive_.push_back(t);
    recording.tensors.push_back({element_type(t.scalar_type()), t.sizes().vec(), false, {}, {}});
    stale_.erase(t.unsafeGetTensorImpl());
    return ids_[t.unsafeGetTensorImpl()] = recording.tensors.size() - 1;
  }

  /// Memory to be filled later: by an in-place operator, or by code that no dispatcher sees (at::tensor), in which case
  /// it is a constant at its first use.
  void add_blank(const at::Tensor& t) {
    alive_.push_back(t);
    blank_.insert(t.unsafeGetTensorImpl());
  }
  bool is_blank(const at::Tensor& t) const {
    return blank_.count(t.unsafeGetTensorImpl()) && !ids_.count(t.unsafeGetTensorImpl());
  }

  TensorId id_of(const at::Tensor& t) {
    if (stale_.count(t.unsafeGetTensorImpl()))
      fail("a tensor is used after one that shares its memory was changed in place",
           "Use the form of the operator that creates a new tensor.");
    const auto found = ids_.find(t.unsafeGetTensorImpl());
    if (found != ids_.end()) return found->second;
    const TensorId id = add(t);  // not made by a recorded operator: a weight, or a value from before
    make_constant(id, t, name_of(t));
    outside_.insert(t.unsafeGetTensorImpl());
    return id;
  }

  void make_constant(TensorId id, const at::Tensor& t, const std::string& name) {
    recording.tensors[id].is_constant = true;
    recording.tensors[id].name = name;
    recording.tensors[id].bytes = raw_bytes(t);
  }

  /// `t` is about to be overwritten: other tensors that share its memory must no longer be used.
  void overwrite(const at::Tensor& t, const std::string& op) {
    id_of(t);
    if (outside_.count(t.unsafeGetTensorImpl())) fail(op + " changes a weight in place", "Call eval() on the network.");
    for (const at::Tensor& other : alive_)
      if (other.unsafeGetTensorImpl() != t.unsafeGetTensorImpl() && other.has_storage() && t.has_storage() &&
          other.is_alias_of(t)) {
        if (outside_.count(other.unsafeGetTensorImpl()))
          fail(op + " changes a weight in place", "Call eval() on the network.");
        stale_.insert(other.unsafeGetTensorImpl());
      }
  }

 private:
  std::string name_of(const at::Tensor& t) const {
    const auto found = t.numel() ? named_.find(t.const_data_ptr()) : named_.end();
    if (found == named_.end()) return {};
    const auto& [name, whole] = *found->second;
    return t.sizes() == whole.sizes() ? name : name + ".part";
  }

  std::unordered_map<const c10::TensorImpl*, TensorId> ids_;
  std::unordered_set<const c10::TensorImpl*> stale_, outside_, blank_;
  std::unordered_map<const void*, const std::pair<std::string, at::Tensor>*> named_;
  std::vector<at::Tensor> alive_;
};

thread_local Tape* active_tape = nullptr;

Argument to_argument(Tape& tape, const c10::IValue& v) {
  if (v.isTensor() && v.toTensor().defined()) return TensorRef{tape.id_of(v.toTensor())};
  if (v.isBool()) return v.toBool();
  if (v.isInt()) return v.toInt();
  if (v.isDouble()) return v.toDouble();
  if (v.isString()) return v.toStringRef();
  if (v.isIntList()) return v.toIntVector();
  if (v.isTensorList()) {
    std::vector<TensorRef> refs;
    for (const at::Tensor& t : v.toTensorVector()) refs.push_back({tape.id_of(t)});
    return refs;
  }
  if (v.isOptionalTensorList()) {
    std::vector<TensorRef> refs;
    for (const std::optional<at::Tensor>& t : v.toOptionalTensorVector())
      refs.push_back({t && t->defined() ? tape.id_of(*t) : onnx::kNoTensor});
    return refs;
  }
  return std::monostate{};
}

/// Data types, layouts and memory formats look like integers but are not part of the graph.
bool is_tensor_option(const c10::Argument& argument) {
  c10::TypePtr type = argument.real_type();
  if (const auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
  const auto kind = type->kind();
  return kind == c10::TypeKind::ScalarTypeType || kind == c10::TypeKind::LayoutType ||
         kind == c10::TypeKind::MemoryFormatType;
}

bool reads_a_value(const std::string& name) {
  static constexpr std::array kReaders{"aten::item", "aten::_local_scalar_dense", "aten::is_nonzero", "aten::equal",
                                       "aten::allclose"};
  return std::find(kReaders.begin(), kReaders.end(), name) != kReaders.end();
}

RecordedOp describe(Tape& tape, const c10::FunctionSchema& schema, const torch::jit::Stack& stack) {
  RecordedOp op{schema.name(), {}, {}};
  const auto values = torch::jit::last(stack, schema.arguments().size());
  bool writes = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const c10::Argument& argument = schema.arguments()[i];
    const bool written = argument.alias_info() && argument.alias_info()->isWrite() && values[i].isTensor() &&
                         values[i].toTensor().defined();
    const bool ignored = is_tensor_option(argument) || (written && tape.is_blank(values[i].toTensor()));
    op.arguments.push_back(ignored ? Argument() : to_argument(tape, values[i]));
    if (written && !ignored) tape.overwrite(values[i].toTensor(), op.name);
    writes = writes || written;
  }
  if (writes && op.name.ends_with('_')) op.name.pop_back();
  return op;
}

/// Name of the first constant input, if all inputs are constant: so is the result.
std::optional<std::string> constant_origin(const Tape& tape, const RecordedOp& op) {
  std::string name;
  auto visit = [&](TensorRef t) {
    if (t.id == onnx::kNoTensor) return true;
    const RecordedTensor& tensor = tape.recording.tensors[t.id];
    if (name.empty()) name = tensor.name;
    return tensor.is_constant;
  };
  for (const auto& argument : op.arguments) {
    if (const auto* t = std::get_if<TensorRef>(&argument); t && !visit(*t)) return std::nullopt;
    if (const auto* list = std::get_if<std::vector<TensorRef>>(&argument);
        list && !std::all_of(list->begin(), list->end(), visit))
      return std::nullopt;
  }
  return name;
}

void add_result(Tape& tape, RecordedOp& op, const at::Tensor& t, const std::optional<std::string>& origin) {
  if (!t.defined()) return;
  op.outputs.push_back(tape.add(t));
  if (!origin) return;
  const std::string short_name = op.name.substr(op.name.rfind(':') + 1);
  tape.make_constant(op.outputs.back(), t, origin->empty() ? short_name : *origin + "." + short_name);
}

void record_and_call(const c10::OperatorHandle& handle, torch::jit::Stack* stack) {
  const c10::impl::ExcludeDispatchKeyGuard off(
      kKey);  // neither what it calls nor what recording itself needs is recorded
  Tape* const tape = active_tape;
  if (!tape || handle.schema().name().starts_with("aten::empty")) {
    handle.callBoxed(stack);
    if (tape) tape->add_blank(stack->back().toTensor());
    return;
  }
  RecordedOp op = describe(*tape, handle.schema(), *stack);
  const auto origin = constant_origin(*tape, op);
  if (!origin && reads_a_value(op.name))
    fail(op.name + " reads a value from a tensor, which depends on the picture",
         "Express the decision by operators on tensors.");
  handle.callBoxed(stack);
  for (const auto& value : torch::jit::last(*stack, handle.schema().returns().size())) {
    if (value.isTensor()) add_result(*tape, op, value.toTensor(), origin);
    if (value.isTensorList())
      for (const at::Tensor& t : value.toTensorVector()) add_result(*tape, op, t, origin);
  }
  if (!op.outputs.empty()) tape->recording.ops.push_back(std::move(op));
}

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, m) {
  m.fallback(torch::CppFunction::makeFromBoxedFunction<&record_and_call>());
}

/// Makes `tape` the current one of this thread during its lifetime.
class Recorder {
 public:
  explicit Recorder(Tape& tape) : on_(kKey) { active_tape = &tape; }
  ~Recorder() { active_tape = nullptr; }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

 private:
  c10::impl::IncludeDispatchKeyGuard on_;
};

Recording record_once(const Forward& forward, const std::vector<std::int64_t>& shape, std::int64_t batch,
                      const std::vector<std::string>& output_names, const NamedTensors& weights) {
  std::vector<std::int64_t> full{batch};
  full.insert(full.end(), shape.begin(), shape.end());
  const torch::NoGradGuard no_grad;
  const at::Tensor input = at::zeros(full, weights.empty() ? at::Device(at::kCPU) : weights.front().second.device());
  Tape tape(weights);
  tape.recording.input = tape.add(input);
  std::vector<at::Tensor> outputs;
  {
    const Recorder recorder(tape);
    outputs = forward(input);
  }
  if (outputs.size() != output_names.size())
    fail(fmt::format("the function returned {} tensors for {} names", outputs.size(), output_names.size()));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    tape.recording.outputs.emplace_back(output_names[i], tape.id_of(outputs[i]));
  return std::move(tape.recording);
}

}  // namespace

Recording record(const Forward& forward, const std::vector<std::int64_t>& shape,
                 const std::vector<std::string>& output_names, const NamedTensors& weights) {
  Recording two = record_once(forward, shape, 2, output_names, weights);
  return onnx::merge_batches(std::move(two), record_once(forward, shape, 3, output_names, weights));
}

}  // namespace mien::nn
