// SPDX-License-Identifier: Apache-2.0
// What the golden files' metadata says, read the same way for every method.
#pragma once

#include <string>

#include "mien/method/method.h"

namespace mien::method {

/// A number of the file's metadata. Throws bad_input, naming file and key, where there is none.
double number_in(const nn::TensorFile& golden, const std::string& key);

/// `num_classes` nameless classes, colour pictures scaled by ImageNet's mean and deviation, as all golden files have
/// them.
DataFacts golden_facts(const nn::TensorFile& golden);

}  // namespace mien::method
