// SPDX-License-Identifier: Apache-2.0
// The stack of the machine that reads a pickle, and the plain values on it.
#pragma once

#include <cstdint>
#include <vector>

#include "mien/weights/pickle.h"
#include "mien/weights/pickle_bytes.h"

namespace mien::weights {

class PickleStack : protected PickleBytes {
 protected:
  using PickleBytes::PickleBytes;
  using Kind = Value::Kind;

  Value& make(Kind kind) {
    check(out_.values.size() < kMostValues, "more values than any state dict has");
    Value& value = out_.values.emplace_back();
    value.kind = kind;
    return value;
  }
  Value& push(Kind kind) {
    Value& value = make(kind);
    stack_.push_back(&value);
    return value;
  }
  void push_integer(std::int64_t integer) { push(Kind::integer).integer = integer; }
  void push_text(std::string_view content) { push(Kind::text).text = content; }
  Value* pop() {
    check(stack_.size() > (marks_.empty() ? 0 : marks_.back()), "the pickle reads a value that does not exist");
    Value* value = stack_.back();
    stack_.pop_back();
    return value;
  }
  Value* top() {
    Value* value = pop();
    stack_.push_back(value);
    return value;
  }
  /// Everything above the last mark, which is removed.
  std::vector<const Value*> pop_to_mark() {
    check(!marks_.empty(), "the pickle reads a mark that does not exist");
    std::vector<const Value*> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  void push_tuple(std::size_t count) {
    std::vector<const Value*> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    push(Kind::tuple).items = std::move(items);
  }

  /// Numbers, text, truth values and None; false for other opcodes.
  bool step_number(std::uint8_t code);
  void push_long();

  Pickle out_;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;
};

}  // namespace mien::weights
