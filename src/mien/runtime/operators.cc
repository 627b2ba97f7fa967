// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/operators.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <openvino/frontend/onnx/extension/op.hpp>
#include <openvino/openvino.hpp>
#include <vector>

#include "mien/base/container.h"
#include "mien/kernels/selective_scan.h"

namespace mien::runtime {
namespace {

/// Inputs as kernels::ScanInputs lists them, all float32, batch and map of any size; output as the first input.
class SelectiveScan : public ov::op::Op {
 public:
  OPENVINO_OP("SelectiveScan", "mien")

  SelectiveScan() = default;
  SelectiveScan(const ov::OutputVector& inputs, std::int64_t zero_order_hold, std::int64_t threads)
      : Op(inputs), zero_order_hold_(zero_order_hold), threads_(threads) {
    constructor_validate_and_infer_types();
  }

  void validate_and_infer_types() override {
    NODE_VALIDATION_CHECK(this, get_input_size() == 6, "SelectiveScan has six inputs");
    for (std::size_t i = 0; i < get_input_size(); ++i)
      NODE_VALIDATION_CHECK(this, get_input_element_type(i).compatible(ov::element::f32),
                            "SelectiveScan supports only float32");
    set_output_type(0, ov::element::f32, get_input_partial_shape(0));
  }

  std::shared_ptr<ov::Node> clone_with_new_inputs(const ov::OutputVector& inputs) const override {
    return std::make_shared<SelectiveScan>(inputs, zero_order_hold_, threads_);
  }

  bool visit_attributes(ov::AttributeVisitor& visitor) override {
    visitor.on_attribute("zero_order_hold", zero_order_hold_);
    visitor.on_attribute("threads", threads_);
    return true;
  }

  bool has_evaluate() const override { return true; }
  bool evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const override {
    const ov::Shape u = inputs[0].get_shape(), weight = inputs[2].get_shape(), a = inputs[4].get_shape();
    kernels::ScanShape shape;
    shape.pictures = static_cast<std::int64_t>(u[0]);
    shape.height = static_cast<int>(u[1]);
    shape.width = static_cast<int>(u[2]);
    shape.channels = static_cast<std::int64_t>(u[3]);
    shape.states = static_cast<int>(a[1]);
    shape.rank = static_cast<int>(weight[2]);
    shape.directions = static_cast<int>(weight[0]);
    shape.zero_order_hold = zero_order_hold_ != 0;
    std::array<std::vector<float>, 6> copies;
    const auto in = [&](std::size_t i) -> const float* {  // weights begin at any byte of a mapped file
      const void* data = inputs[i].data();
      if (reinterpret_cast<std::uintptr_t>(data) % alignof(float) == 0) return static_cast<const float*>(data);
      copies[i].resize(inputs[i].get_size());
      std::memcpy(copies[i].data(), data, inputs[i].get_byte_size());
      return copies[i].data();
    };
    outputs[0].set_shape(u);
    kernels::selective_scan<float>(
        shape, {in(0), in(1), in(2), in(3), in(4), in(5)}, outputs[0].data<float>(), nullptr,
        kernels::parallel_threads(threads_ > 0 ? static_cast<int>(threads_) : usable_cores()));
    return true;
  }

  void limit_threads(int threads) { threads_ = threads; }

 private:
  std::int64_t zero_order_hold_ = 0;
  std::int64_t threads_ = 0;  ///< 0: all usable cores; not in ONNX files
};

}  // namespace

template <>
void add_operators(ov::Core& core) {
  core.add_extension(std::make_shared<ov::OpExtension<SelectiveScan>>());
  core.add_extension(std::make_shared<ov::frontend::onnx::OpExtension<SelectiveScan>>(
      "SelectiveScan", "mien", std::map<std::string, std::string>{{"zero_order_hold", "zero_order_hold"}},
      std::map<std::string, ov::Any>{{"threads", std::int64_t{0}}}));
}

template <>
bool limit_operator_threads(ov::Model& network, int threads) {
  bool found = false;
  for (const auto& node : network.get_ops()) {
    const auto scan = std::dynamic_pointer_cast<SelectiveScan>(node);
    if (!scan) continue;
    scan->limit_threads(threads);
    found = true;
  }
  return found;
}

}  // namespace mien::runtime
