// SPDX-License-Identifier: Apache-2.0
// The content of a pickle of torch.save, as plain data.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "mien/weights/tensor_view.h"

namespace mien::weights {

/// Values refer to each other by pointer, also in circles: walk them with a limit.
struct Value {
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    real,
    text,
    list,
    tuple,
    dict,
    tensor,
    storage,
    name,
    object  ///< anything else: its class is known by name; nothing was created or run
  };
  Kind kind = Kind::none;
  std::int64_t integer = 0;  ///< boolean, integer; storage: its elements; name: its meaning (pickle_names.h)
  double real = 0;
  std::string_view text;            ///< text: bytes of the pickle; storage: its key; object: "numpy.dtype"
  std::vector<const Value*> items;  ///< list, tuple: the values; dict: key, value, key, value, ... as written
  const TensorView* tensor = nullptr;
  Dtype dtype = Dtype::f32;  ///< storage; name of a type

  bool is(Kind k) const { return kind == k; }
  /// dict: the last value under a text key; nullptr if there is none.
  const Value* find(std::string_view key) const;
};

/// "a dictionary", "text", "a tensor", "an object of 'numpy.dtype'": for messages.
std::string describe(const Value& value);

struct Pickle {
  std::deque<Value> values;
  std::deque<TensorView> tensors;
  std::deque<std::string> texts;  ///< names of classes, which values refer to
  const Value* root = nullptr;
};

}  // namespace mien::weights
