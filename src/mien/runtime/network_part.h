// SPDX-License-Identifier: Apache-2.0
// A part of a network, cut out at its named outputs.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace mien::runtime {

/// The part between the outputs `begin`, which become inputs in this order, and the outputs `end`. `Network` is the
/// runtime's; no header names its types. Throws bad_input if `end` needs more than `begin`, or for an unknown name.
template <typename Network>
std::shared_ptr<Network> part_of(const Network& network, const std::vector<std::string>& begin,
                                 const std::vector<std::string>& end);

}  // namespace mien::runtime
