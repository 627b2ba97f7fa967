// SPDX-License-Identifier: Apache-2.0
#include "mien/method/golden_file.h"

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::method {

double number_in(const nn::TensorFile& golden, const std::string& key) {
  const auto found = golden.metadata.find(key);
  const auto value = found == golden.metadata.end() ? std::nullopt : parse_double(found->second);
  check_input(value.has_value(), text(golden.origin, ": metadata lacks the number ", quote(key), "."));
  return *value;
}

DataFacts golden_facts(const nn::TensorFile& golden) {
  DataFacts facts;
  for (int i = 0; i < static_cast<int>(number_in(golden, "num_classes")); ++i)
    facts.classes.push_back("class" + std::to_string(i));
  facts.input.channels = 3;
  facts.input.mean = {0.485f, 0.456f, 0.406f};
  facts.input.std = {0.229f, 0.224f, 0.225f};
  return facts;
}

}  // namespace mien::method
