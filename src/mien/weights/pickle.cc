// SPDX-License-Identifier: Apache-2.0
#include "mien/weights/pickle.h"

#include <fmt/core.h>

#include <limits>
#include <unordered_map>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/weights/pickle_names.h"
#include "mien/weights/pickle_stack.h"

namespace mien::weights {
namespace {

using Kind = Value::Kind;

class Machine : private PickleStack {
 public:
  Machine(std::span<const std::byte> bytes, const std::string& origin, const FindStorage& find_storage)
      : PickleStack(bytes, origin), find_storage_(find_storage) {}

  Pickle run() {
    while (!step()) continue;
    return std::move(out_);
  }

 private:
  // --- opcodes
  bool step();
  bool step_container(std::uint8_t code);
  bool step_memo(std::uint8_t code);
  bool add_to(Kind kind, std::vector<const Value*> items);
  void push_name(std::string_view module, std::string_view name);
  void push_storage();
  void reduce();
  void call(Name name, const Value& arguments);
  void make_object(const Value& callee);
  bool step_object(std::uint8_t code);
  void build();

  const FindStorage& find_storage_;
  std::unordered_map<std::uint64_t, Value*> memo_;
};

/// One opcode; true at STOP.
bool Machine::step() {
  const auto code = take<std::uint8_t>();
  switch (code) {
    case 0x80: {  // PROTO
      const auto version = take<std::uint8_t>();
      check_input(version >= 2 && version <= 5, fmt::format("{}: pickle protocol {}, but only 2 to 5 are supported.",
                                                            where(), static_cast<int>(version)));
      return false;
    }
    case 0x95:
      take<std::uint64_t>();
      return false;  // FRAME
    case '.':
      out_.root = pop();
      return true;
    case 'c': {  // GLOBAL
      const auto module = take_line();
      push_name(module, take_line());
      return false;
    }
    case 0x93: {  // STACK_GLOBAL
      const Value *name = pop(), *module = pop();
      check(name->is(Kind::text) && module->is(Kind::text), "a name that is not text");
      push_name(module->text, name->text);
      return false;
    }
    case 'R':
      reduce();
      return false;
    case 'b':
      build();
      return false;
    case 'Q':
      push_storage();
      return false;  // BINPERSID
    default:
      break;
  }
  if (!step_number(code) && !step_container(code) && !step_memo(code) && !step_object(code))
    fail_input(fmt::format("{}: pickle opcode {} is not needed for plain weights; nothing was run.", where(),
                           opcode_name(code)),
               "Save the state dict again with torch.save(model.state_dict(), FILE).");
  return false;
}

bool Machine::step_container(std::uint8_t code) {
  switch (code) {
    case '(':
      marks_.push_back(stack_.size());
      return true;
    case ')':
      push(Kind::tuple);
      return true;
    case 0x85:
      push_tuple(1);
      return true;
    case 0x86:
      push_tuple(2);
      return true;
    case 0x87:
      push_tuple(3);
      return true;
    case 't': {
      auto items = pop_to_mark();
      push(Kind::tuple).items = std::move(items);
      return true;
    }
    case ']':
      push(Kind::list);
      return true;
    case '}':
      push(Kind::dict);
      return true;
    case 'a':
      return add_to(Kind::list, {pop()});
    case 'e':
      return add_to(Kind::list, pop_to_mark());
    case 's': {
      const Value *value = pop(), *key = pop();
      return add_to(Kind::dict, {key, value});
    }
    case 'u':
      return add_to(Kind::dict, pop_to_mark());
    default:
      return false;
  }
}

bool Machine::step_memo(std::uint8_t code) {
  const auto get = [this](std::uint64_t key) {
    const auto found = memo_.find(key);
    check(found != memo_.end(), "reads a memo entry that was never written");
    stack_.push_back(found->second);
  };
  switch (code) {
    case 'q':
      memo_[take<std::uint8_t>()] = top();
      return true;
    case 'r':
      memo_[take<std::uint32_t>()] = top();
      return true;
    case 0x94:
      memo_[memo_.size()] = top();
      return true;  // MEMOIZE
    case 'h':
      get(take<std::uint8_t>());
      return true;
    case 'j':
      get(take<std::uint32_t>());
      return true;
    default:
      return false;
  }
}

/// Entries that are added to an object are dropped with it.
bool Machine::add_to(Kind kind, std::vector<const Value*> items) {
  Value* target = top();
  if (target->is(Kind::object)) return true;
  check(target->is(kind), kind == Kind::dict ? "adds an entry to an object that is not a dictionary"
                                             : "adds an item to an object that is not a list");
  check(kind != Kind::dict || items.size() % 2 == 0, "a key without a value");
  target->items.insert(target->items.end(), items.begin(), items.end());
  return true;
}

/// Objects, and plain values that PyTorch's own files never contain: only their kind is kept.
bool Machine::step_object(std::uint8_t code) {
  switch (code) {
    case '0':
      pop();
      return true;  // POP
    case 0x81: {    // NEWOBJ
      pop();
      make_object(*pop());
      return true;
    }
    case 0x92: {  // NEWOBJ_EX
      pop();
      pop();
      make_object(*pop());
      return true;
    }
    case 0x8f:
      push(Kind::object).text = "set";
      return true;  // EMPTY_SET
    case 0x90:
      pop_to_mark();
      check(top()->is(Kind::object), "adds items to an object that is not a set");
      return true;  // ADDITEMS
    case 0x91:
      pop_to_mark();
      push(Kind::object).text = "frozenset";
      return true;
    case 'B':
      take_text(take<std::uint32_t>());
      push(Kind::object).text = "bytes";
      return true;  // BINBYTES
    case 'C':
      take_text(take<std::uint8_t>());
      push(Kind::object).text = "bytes";
      return true;  // SHORT_BINBYTES
    case 0x8e:
    case 0x96:
      take_text(take<std::uint64_t>());
      push(Kind::object).text = "bytes";
      return true;  // BINBYTES8, BYTEARRAY8
    default:
      return false;
  }
}

/// An instance of a class: an empty dictionary for an OrderedDict, otherwise an object known only by its class.
void Machine::make_object(const Value& callee) {
  if (callee.is(Kind::name) && static_cast<Name>(callee.integer) == Name::ordered_dict) {
    push(Kind::dict);
    return;
  }
  check(callee.is(Kind::object), "creates an object from something that is not a class");
  push(Kind::object).text = callee.text;
}

void Machine::push_name(std::string_view module, std::string_view name) {
  const auto listed = listed_name(module, name);
  if (!listed) {
    refuse_dangerous_name(module, name, where());
    push(Kind::object).text = out_.texts.emplace_back(fmt::format("{}.{}", module.substr(0, 200), name.substr(0, 200)));
    return;
  }
  Value& value = push(Kind::name);
  value.integer = static_cast<std::int64_t>(listed->name);
  value.dtype = listed->dtype;
}

/// ("storage", type, key, place, number of elements); the place ("cuda:0") says where the weights were, not where to
/// load them.
void Machine::push_storage() {
  const Value* id = pop();
  const auto& a = id->items;
  if (id->is(Kind::tuple) && a.size() == 5 && a[1]->is(Kind::object))
    fail_input(fmt::format("{}: a tensor in {}, which is not supported.", where(), quote(a[1]->text)),
               "Save its values as floating-point numbers.");
  const bool is_known = id->is(Kind::tuple) && a.size() == 5 && a[0]->is(Kind::text) && a[0]->text == "storage" &&
                        a[1]->is(Kind::name) && a[2]->is(Kind::text) && a[4]->is(Kind::integer);
  check(is_known, "a persistent object that is not a tensor storage");
  const auto type = static_cast<Name>(a[1]->integer);
  check(type == Name::typed_storage || type == Name::untyped_storage, "a storage without a type");
  check_input(a[4]->integer >= 0 && a[4]->integer <= std::numeric_limits<std::int64_t>::max() / 32,
              fmt::format("{}: a storage of {} elements.", where(), a[4]->integer), kDamaged);
  Value& value = push(Kind::storage);
  value.text = a[2]->text;
  value.integer = a[4]->integer;
  value.dtype = type == Name::typed_storage ? a[1]->dtype : Dtype::u8;
}

void Machine::reduce() {
  const Value* arguments = pop();
  const Value* callee = pop();
  const bool is_call = (callee->is(Kind::name) || callee->is(Kind::object)) && arguments->is(Kind::tuple);
  check_input(is_call, fmt::format("{}: calls {}; nothing was run.", where(), describe(*callee)), kDamaged);
  if (callee->is(Kind::object)) return make_object(*callee);
  call(static_cast<Name>(callee->integer), *arguments);
}

void Machine::call(Name name, const Value& arguments) {
  const auto& a = arguments.items;
  switch (name) {
    case Name::rebuild_subclass: {
      const bool is_known = a.size() >= 3 && a[0]->is(Kind::name) && a[2]->is(Kind::tuple) &&
                            static_cast<Name>(a[0]->integer) != Name::rebuild_subclass;
      check(is_known, "a tensor in a form that torch.save does not write");
      return call(static_cast<Name>(a[0]->integer), *a[2]);
    }
    case Name::ordered_dict:
      check(a.empty(), "an OrderedDict in a form that torch.save does not write");
      push(Kind::dict);
      return;
    case Name::counter:
    case Name::size:
      check(a.size() == 1 && a[0]->is(name == Name::counter ? Kind::dict : Kind::tuple),
            "a Counter or Size in a form that torch.save does not write");
      stack_.push_back(
          const_cast<Value*>(a[0]));  // the same value, not a copy that a hostile file could ask for again and again
      return;
    case Name::device:
      push(Kind::none);
      return;
    case Name::rebuild_parameter:
      check(!a.empty() && a[0]->is(Kind::tensor), "a parameter without a tensor");
      push(Kind::tensor).tensor = a[0]->tensor;
      return;
    case Name::rebuild_tensor:
    case Name::rebuild_tensor_v2:
    case Name::rebuild_tensor_v3: {
      const TensorView* view = rebuild_tensor(out_, name, arguments, find_storage_, where());
      push(Kind::tensor).tensor = view;
      return;
    }
    default:
      fail_input(fmt::format("{}: calls an element type like a function; nothing was run.", where()), kDamaged);
  }
}

/// State of an object: attributes of a dictionary (_metadata of a state dict) and of other objects carry no weights.
void Machine::build() {
  pop();
  check_input(top()->is(Kind::dict) || top()->is(Kind::object),
              fmt::format("{}: sets the state of {}; nothing was run.", where(), describe(*top())));
}

}  // namespace

Pickle unpickle(std::span<const std::byte> bytes, const std::string& origin, const FindStorage& find_storage) {
  return Machine(bytes, origin, find_storage).run();
}

}  // namespace mien::weights
