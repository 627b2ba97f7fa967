// SPDX-License-Identifier: Apache-2.0
#include "mien/tensor/recorder.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/library.h>

#include <unordered_map>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::tensor {
namespace {

using graph::Argument;
using graph::RecordedOp;
using graph::RecordedTensor;
using graph::Recording;
using graph::TensorRef;

constexpr auto kKey = c10::DispatchKey::TESTING_ONLY_GenericMode;

graph::ElementType element_type(at::ScalarType type) {
  switch (type) {
    case at::kFloat: return graph::ElementType::float32;
    case at::kHalf: return graph::ElementType::float16;
    case at::kLong: return graph::ElementType::int64;
    case at::kBool: return graph::ElementType::boolean;
    default: throw Error(ErrorKind::failed, text("Export: tensors of type ", toString(type), " have no ONNX form here."));
  }
}

/// One run's recording in the making. Tensors are told apart by their object and all kept alive, so that no address is
/// used twice.
class Tape {
 public:
  Recording recording;

  explicit Tape(const NamedTensors& weights) {
    for (const auto& [name, tensor] : weights) names_[tensor.const_data_ptr()] = name;
  }

  graph::TensorId id_of(const at::Tensor& t) {
    const auto found = ids_.find(t.unsafeGetTensorImpl());
    if (found != ids_.end()) return found->second;
    // Not made by a recorded operator: a weight or a value from before.
    const graph::TensorId id = add(t);
    RecordedTensor& r = recording.tensors[id];
    const at::Tensor plain = t.detach().contiguous().cpu();
    r.is_constant = true;
    r.bytes.assign(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
    if (const auto name = names_.find(t.const_data_ptr()); name != names_.end()) r.name = name->second;
    return id;
  }

  /// A fresh value for an operator's result; in-place results get a new number under the old object.
  graph::TensorId add(const at::Tensor& t) {
    alive_.push_back(t);
    recording.tensors.push_back({element_type(t.scalar_type()), t.sizes().vec(), false, {}, {}});
    return ids_[t.unsafeGetTensorImpl()] = recording.tensors.size() - 1;
  }

  Argument argument(const c10::IValue& v) {
    if (v.isNone()) return std::monostate{};
    if (v.isTensor()) return v.toTensor().defined() ? Argument(TensorRef{id_of(v.toTensor())}) : Argument(std::monostate{});
    if (v.isBool()) return v.toBool();
    if (v.isInt()) return v.toInt();
    if (v.isDouble()) return v.toDouble();
    if (v.isString()) return v.toStringRef();
    if (v.isIntList()) return v.toIntVector();
    if (v.isTensorList()) {
      std::vector<TensorRef> refs;
      for (const at::Tensor& t : v.toTensorVector()) refs.push_back({id_of(t)});
      return refs;
    }
    if (v.isList() && v.toListRef().size() > 0 && v.toListRef()[0].isInt()) {
      std::vector<std::int64_t> numbers;
      for (const auto& e : v.toListRef()) numbers.push_back(e.toInt());
      return numbers;
    }
    return std::monostate{};  // dtype, layout, device, memory format: no part of the graph
  }

 private:
  std::unordered_map<const c10::TensorImpl*, graph::TensorId> ids_;
  std::unordered_map<const void*, std::string> names_;
  std::vector<at::Tensor> alive_;
};

thread_local Tape* active_tape = nullptr;

std::string plain_name(const c10::OperatorHandle& op) {
  std::string name = op.schema().name();
  if (name.ends_with('_')) name.pop_back();
  return name;
}

void record_and_call(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  RecordedOp recorded;
  const std::size_t num_arguments = op.schema().arguments().size();
  if (active_tape) {
    recorded.name = plain_name(op);
    for (const auto& value : torch::jit::last(*stack, num_arguments)) recorded.arguments.push_back(active_tape->argument(value));
  }
  {
    const c10::impl::ExcludeDispatchKeyGuard off(kKey);
    op.callBoxed(stack);
  }
  if (!active_tape) return;
  for (const auto& value : torch::jit::last(*stack, op.schema().returns().size())) {
    if (value.isTensor()) recorded.outputs.push_back(active_tape->add(value.toTensor()));
    else if (value.isTensorList())
      for (const at::Tensor& t : value.toTensorVector()) recorded.outputs.push_back(active_tape->add(t));
  }
  if (!recorded.outputs.empty()) active_tape->recording.ops.push_back(std::move(recorded));
}

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&record_and_call>()); }

Recording record_once(const Forward& forward, const std::vector<std::int64_t>& shape, std::int64_t batch, const std::vector<std::string>& output_names, const NamedTensors& weights) {
  std::vector<std::int64_t> full{batch};
  full.insert(full.end(), shape.begin(), shape.end());
  const torch::NoGradGuard no_grad;
  const at::Tensor input = at::zeros(full);
  Tape tape(weights);
  tape.recording.input = tape.add(input);
  active_tape = &tape;
  std::vector<at::Tensor> outputs;
  try {
    const c10::impl::IncludeDispatchKeyGuard on(kKey);
    outputs = forward(input);
  } catch (...) {
    active_tape = nullptr;
    throw;
  }
  active_tape = nullptr;
  if (outputs.size() != output_names.size())
    throw Error(ErrorKind::failed, text("Export: the function returned ", outputs.size(), " tensors for ", output_names.size(), " names."));
  for (std::size_t i = 0; i < outputs.size(); ++i) tape.recording.outputs.emplace_back(output_names[i], tape.id_of(outputs[i]));
  return std::move(tape.recording);
}

/// Numbers that differ between the batches of two and three follow the batch.
void mark_batch(std::vector<std::int64_t>& two, const std::vector<std::int64_t>& three) {
  for (std::size_t i = 0; i < two.size() && i < three.size(); ++i)
    if (two[i] != three[i]) two[i] = graph::kBatch;
}

}  // namespace

graph::Recording record(const Forward& forward, const std::vector<std::int64_t>& shape, const std::vector<std::string>& output_names, const NamedTensors& weights) {
  Recording two = record_once(forward, shape, 2, output_names, weights);
  const Recording three = record_once(forward, shape, 3, output_names, weights);
  bool same = two.ops.size() == three.ops.size() && two.tensors.size() == three.tensors.size();
  for (std::size_t i = 0; same && i < two.ops.size(); ++i) same = two.ops[i].name == three.ops[i].name && two.ops[i].arguments.size() == three.ops[i].arguments.size();
  if (!same) throw Error(ErrorKind::failed, "Export: the function calls other operators for another batch size.", "Make its control flow independent of the batch.");
  for (std::size_t i = 0; i < two.tensors.size(); ++i) {
    if (two.tensors[i].shape.size() != three.tensors[i].shape.size()) throw Error(ErrorKind::failed, "Export: a tensor's rank depends on the batch size.");
    mark_batch(two.tensors[i].shape, three.tensors[i].shape);
  }
  for (std::size_t i = 0; i < two.ops.size(); ++i)
    for (std::size_t a = 0; a < two.ops[i].arguments.size(); ++a)
      if (auto* numbers = std::get_if<std::vector<std::int64_t>>(&two.ops[i].arguments[a]))
        if (const auto* other = std::get_if<std::vector<std::int64_t>>(&three.ops[i].arguments[a])) mark_batch(*numbers, *other);
  return two;
}

}  // namespace mien::tensor
