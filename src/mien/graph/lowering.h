// SPDX-License-Identifier: Apache-2.0
// What the operator table's functions work with: typed access to arguments, and appending of ONNX nodes.
#pragma once

#include <string>
#include <vector>

#include "mien/graph/graph.h"

namespace mien::graph {

class Lowering {
 public:
  explicit Lowering(const Recording& recording);

  // The operator at hand.
  void begin(const RecordedOp& op) { op_ = &op; }
  const RecordedOp& op() const { return *op_; }
  std::string in(std::size_t i);                                  ///< name of a tensor argument; a number becomes a constant
  std::vector<std::string> in_list(std::size_t i);
  bool is_none(std::size_t i) const;
  std::int64_t integer(std::size_t i, std::int64_t otherwise) const;
  double real(std::size_t i, double otherwise) const;
  bool flag(std::size_t i, bool otherwise) const;
  std::vector<std::int64_t> integers(std::size_t i) const;        ///< empty for None; a single number gives one
  const std::vector<std::int64_t>& shape(std::size_t i) const;    ///< of a tensor argument
  const std::vector<std::int64_t>& out_shape() const;
  std::int64_t axis(std::size_t i, std::int64_t otherwise, std::int64_t extra = 0) const;  ///< counted from the front
  std::string out() const;                                        ///< name of the first output
  /// Pairs for two dimensions: one number stands for both.
  std::vector<std::int64_t> pair(std::size_t i, std::int64_t otherwise) const;
  [[noreturn]] void refuse(const std::string& why) const;

  // Output.
  void node(const std::string& onnx_op, std::vector<std::string> inputs, std::vector<std::pair<std::string, AttributeValue>> attributes = {});
  std::string inner(const std::string& onnx_op, std::vector<std::string> inputs, std::vector<std::pair<std::string, AttributeValue>> attributes = {});
  void alias();                                                   ///< the output is the first argument
  std::string constant(float value);
  std::string constant(const std::vector<std::int64_t>& values);

  Graph finish();

 private:
  std::string name_of(TensorId id);

  const Recording& recording_;
  const RecordedOp* op_ = nullptr;
  Graph graph_;
  std::vector<std::string> names_;  ///< by tensor
  std::size_t counter_ = 0;
};

}  // namespace mien::graph
