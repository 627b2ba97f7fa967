// SPDX-License-Identifier: Apache-2.0
#include "mien/weights/value.h"

#include "mien/base/text.h"

namespace mien::weights {

const Value* Value::find(std::string_view key) const {
  if (!is(Kind::dict)) return nullptr;
  for (std::size_t i = items.size(); i >= 2; i -= 2)
    if (items[i - 2]->is(Kind::text) && items[i - 2]->text == key) return items[i - 1];
  return nullptr;
}

std::string describe(const Value& value) {
  using Kind = Value::Kind;
  switch (value.kind) {
    case Kind::none:
      return "nothing (None)";
    case Kind::boolean:
      return "a truth value";
    case Kind::integer:
      return "an integer";
    case Kind::real:
      return "a number";
    case Kind::text:
      return "text";
    case Kind::list:
      return "a list";
    case Kind::tuple:
      return "a tuple";
    case Kind::dict:
      return "a dictionary";
    case Kind::tensor:
      return "a tensor";
    case Kind::storage:
      return "a storage";
    case Kind::name:
      return "a name of PyTorch";
    case Kind::object:
      return "an object of " + quote(value.text.substr(0, 200));
  }
  return "a value";
}

}  // namespace mien::weights
