// SPDX-License-Identifier: Apache-2.0
// Tools for the rules of the operator table: typed access to the arguments of the current operator, and appending of
// ONNX nodes. Argument numbers count from 0 in the order of the operator's schema.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "mien/onnx/graph.h"

namespace mien::onnx {

using Ints = std::vector<std::int64_t>;

class Lowering {
 public:
  explicit Lowering(const Recording& recording);
  void begin(const RecordedOp& op) { op_ = &op; }
  void end();  ///< the operator's nodes are written: the last one gets its multiply-adds

  // Arguments. All but the first three throw failed if the argument is of another kind.
  bool is_none(std::size_t i) const;  ///< None, or not given
  bool is_tensor(std::size_t i) const;
  bool is_list(std::size_t i) const;   ///< a list of tensors
  std::string in(std::size_t i);       ///< value of a tensor argument, unchanged
  std::string operand(std::size_t i);  ///< the same in the result's type; a number becomes a constant
  std::string operand(std::size_t i, ElementType type);
  std::vector<std::string> in_list(std::size_t i);
  std::int64_t integer(std::size_t i, std::int64_t otherwise) const;
  double real(std::size_t i, double otherwise) const;
  bool flag(std::size_t i, bool otherwise) const;
  std::string word(std::size_t i, const std::string& otherwise) const;
  Ints integers(std::size_t i) const;  ///< empty for None; a single number gives one
  /// One number per spatial dimension; a single one applies to all.
  Ints spatial(std::size_t i, std::size_t count, std::int64_t otherwise) const;
  std::size_t num_arguments() const { return op_->arguments.size(); }
  /// Position and value of the only tensor in a list with None elsewhere.
  std::pair<std::int64_t, TensorRef> only_tensor(std::size_t i) const;
  std::string value_of(TensorRef t) { return name_of(t.id); }
  const RecordedTensor& tensor_of(TensorRef t) const { return recording_.tensors[t.id]; }
  const Ints& shape(std::size_t i) const;  ///< of a tensor argument
  ElementType type(std::size_t i) const;
  std::size_t rank() const { return shape(0).size(); }
  /// A dimension of argument 0 counted from the front; `extra` for dimensions that the result has more.
  std::int64_t axis(std::size_t i, std::int64_t otherwise, std::int64_t extra = 0) const;
  /// The same for a list; all dimensions if it is empty.
  Ints axes(std::size_t i) const;

  // Results.
  std::size_t num_out() const { return op_->outputs.size(); }
  std::string out(std::size_t k = 0) const;
  const Ints& out_shape(std::size_t k = 0) const;
  ElementType out_type() const;

  // Output.
  void node(const std::string& onnx_op, std::vector<std::string> inputs, Attributes attributes = {}, std::size_t k = 0);
  void node_for_all_outputs(const std::string& onnx_op, std::vector<std::string> inputs, Attributes attributes = {});
  std::string inner(const std::string& onnx_op, std::vector<std::string> inputs, Attributes attributes = {});
  void own_node(const std::string& own_op, std::vector<std::string> inputs, Attributes attributes);  ///< of kOwnDomain
  void alias(std::size_t k = 0);  ///< result k is argument 0
  std::string scalar(double value, ElementType type = ElementType::float32);
  std::string constant(const Ints& values);  ///< int64, one dimension
  std::string constant(const std::vector<float>& values, const Ints& dims);
  std::string cast(const std::string& value, ElementType from, ElementType to);
  std::string times(const std::string& value, double factor);  ///< in the result's type; the value itself for 1
  /// A shape as an int64 tensor, also if sizes depend on the batch.
  std::string shape_tensor(const Ints& dims);

  [[noreturn]] void refuse(const std::string& why) const;
  Graph finish();

 private:
  std::string name_of(TensorId id);
  std::string unique(std::string name);
  std::string initializer(ElementType type, const Ints& dims, std::string bytes);
  TensorId tensor(std::size_t i) const;

  const Recording& recording_;
  const RecordedOp* op_ = nullptr;
  Graph graph_;
  std::vector<std::string> names_;  ///< by tensor
  std::set<std::string> taken_;
  std::map<std::string, std::string> initializers_;  ///< name by type, dimensions and bytes, of constants created here
  std::string batch_;                                ///< value with the batch size, once requested
};

}  // namespace mien::onnx
