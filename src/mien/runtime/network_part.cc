// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/network_part.h"

#include <fmt/core.h>

#include <openvino/openvino.hpp>
#include <openvino/opsets/opset13.hpp>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::runtime {
namespace {

using ov::op::v0::Parameter;
using ov::op::v0::Result;

std::shared_ptr<Result> result_named(ov::Model& network, const std::string& name) {
  for (const auto& output : network.outputs())
    if (output.get_names().count(name) > 0) return ov::as_type_ptr<Result>(output.get_node_shared_ptr());
  fail_input(fmt::format("The network has no output named {}.", quote(name)), "Export the model again.");
}

/// An input that replaces the nodes that compute this output.
std::shared_ptr<Parameter> input_in_place_of(ov::Model& network, const std::string& name) {
  const auto source = result_named(network, name)->input_value(0);
  auto input = std::make_shared<Parameter>(source.get_element_type(), source.get_partial_shape());
  input->set_friendly_name(name);
  for (auto consumer : source.get_target_inputs())
    if (!ov::is_type<Result>(consumer.get_node())) consumer.replace_source_output(input);
  return input;
}

}  // namespace

template <>
std::shared_ptr<ov::Model> part_of(const ov::Model& network, const std::vector<std::string>& begin,
                                   const std::vector<std::string>& end) {
  const auto copy = network.clone();
  ov::ParameterVector inputs;
  for (const auto& name : begin) inputs.push_back(input_in_place_of(*copy, name));
  ov::ResultVector results;
  for (const auto& name : end) results.push_back(result_named(*copy, name));
  try {
    return std::make_shared<ov::Model>(results, inputs, "part");
  } catch (const std::exception&) {
    fail_input(fmt::format("The outputs {} cannot be computed from {} alone.", join(end, ", "), join(begin, ", ")),
               "Export the model again.");
  }
}

}  // namespace mien::runtime
