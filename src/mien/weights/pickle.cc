// SPDX-License-Identifier: Apache-2.0
#include "mien/weights/pickle.h"

#include <bit>
#include <limits>
#include <unordered_map>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/weights/pickle_bytes.h"
#include "mien/weights/pickle_names.h"

namespace mien::weights {
namespace {

using Kind = Value::Kind;

class Machine : private PickleBytes {
 public:
  Machine(std::span<const std::byte> bytes, const std::string& origin, const FindStorage& find_storage)
      : PickleBytes(bytes, origin), find_storage_(find_storage) {}

  Pickle run() {
    while (!step()) continue;
    return std::move(out_);
  }

 private:
  // --- values and stack
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
    check(stack_.size() > (marks_.empty() ? 0 : marks_.back()), "the pickle takes a value that is not there");
    Value* value = stack_.back();
    stack_.pop_back();
    return value;
  }
  Value* top() {
    Value* value = pop();
    stack_.push_back(value);
    return value;
  }
  /// Everything above the last mark, which goes.
  std::vector<const Value*> pop_to_mark() {
    check(!marks_.empty(), "the pickle takes a mark that is not there");
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

  // --- opcodes
  bool step();
  bool step_number(std::uint8_t code);
  bool step_container(std::uint8_t code);
  bool step_memo(std::uint8_t code);
  bool add_to(Kind kind, std::vector<const Value*> items);
  void push_long();
  void push_name(std::string_view module, std::string_view name);
  void push_storage();
  void reduce();
  void build();

  const FindStorage& find_storage_;
  Pickle out_;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, Value*> memo_;
};

/// One opcode; true at STOP.
bool Machine::step() {
  const auto code = take<std::uint8_t>();
  switch (code) {
    case 0x80: {  // PROTO
      const auto version = take<std::uint8_t>();
      check_input(version >= 2 && version <= 5,
                  text(where(), ": pickle protocol ", static_cast<int>(version), ", 2 to 5 are read."));
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
      check(name->is(Kind::text) && module->is(Kind::text), "a name that is no text");
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
  if (!step_number(code) && !step_container(code) && !step_memo(code))
    fail_input(
        text(where(), ": pickle opcode ", opcode_name(code), " is not one that plain weights need; nothing was run."),
        "Save the state dict again with torch.save(model.state_dict(), FILE).");
  return false;
}

bool Machine::step_number(std::uint8_t code) {
  switch (code) {
    case 'N':
      push(Kind::none);
      return true;
    case 0x88:
      push(Kind::boolean).integer = 1;
      return true;
    case 0x89:
      push(Kind::boolean);
      return true;
    case 'J':
      push_integer(take<std::int32_t>());
      return true;
    case 'K':
      push_integer(take<std::uint8_t>());
      return true;
    case 'M':
      push_integer(take<std::uint16_t>());
      return true;
    case 0x8a:
      push_long();
      return true;  // LONG1
    case 'G':
      push(Kind::real).real = std::bit_cast<double>(__builtin_bswap64(take<std::uint64_t>()));
      return true;  // big-endian
    case 'X':
      push_text(take_text(take<std::uint32_t>()));
      return true;  // BINUNICODE
    case 'U':
    case 0x8c:
      push_text(take_text(take<std::uint8_t>()));
      return true;  // SHORT_BINSTRING, SHORT_BINUNICODE
    case 0x8d:
      push_text(take_text(take<std::uint64_t>()));
      return true;  // BINUNICODE8
    default:
      return false;
  }
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
    check(found != memo_.end(), "takes a value from a memo that was never written");
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

bool Machine::add_to(Kind kind, std::vector<const Value*> items) {
  Value* target = top();
  check(target->is(kind),
        kind == Kind::dict ? "adds an entry to what is no dictionary" : "adds an item to what is no list");
  check(kind != Kind::dict || items.size() % 2 == 0, "a key without a value");
  target->items.insert(target->items.end(), items.begin(), items.end());
  return true;
}

void Machine::push_long() {
  const auto size = take<std::uint8_t>();
  const auto digits = take_text(size);
  check_input(size <= 8, text(where(), ": an integer of ", static_cast<int>(size), " bytes, at most 8 are read."));
  std::uint64_t value = size && (static_cast<unsigned char>(digits.back()) & 0x80) ? ~std::uint64_t{0} : 0;  // sign
  for (std::size_t i = digits.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(digits[i]);
  push_integer(static_cast<std::int64_t>(value));
}

void Machine::push_name(std::string_view module, std::string_view name) {
  const auto listed = listed_name(module, name);
  if (!listed) refuse_name(module, name, where());
  Value& value = push(Kind::name);
  value.integer = static_cast<std::int64_t>(listed->name);
  value.dtype = listed->dtype;
}

/// ("storage", type, key, place, number of elements); the place ("cuda:0") says where the weights were, not where they
/// go.
void Machine::push_storage() {
  const Value* id = pop();
  const auto& a = id->items;
  const bool is_known = id->is(Kind::tuple) && a.size() == 5 && a[0]->is(Kind::text) && a[0]->text == "storage" &&
                        a[1]->is(Kind::name) && a[2]->is(Kind::text) && a[4]->is(Kind::integer);
  check(is_known, "a persistent object that is no storage of a tensor");
  const auto type = static_cast<Name>(a[1]->integer);
  check(type == Name::typed_storage || type == Name::untyped_storage, "a storage without a type");
  check_input(a[4]->integer >= 0 && a[4]->integer <= std::numeric_limits<std::int64_t>::max() / 32,
              text(where(), ": a storage of ", a[4]->integer, " elements."), kDamaged);
  Value& value = push(Kind::storage);
  value.text = a[2]->text;
  value.integer = a[4]->integer;
  value.dtype = type == Name::typed_storage ? a[1]->dtype : Dtype::u8;
}

void Machine::reduce() {
  const Value* arguments = pop();
  const Value* callee = pop();
  check_input(callee->is(Kind::name) && arguments->is(Kind::tuple),
              text(where(), ": calls ", describe(*callee), "; nothing was run."), kDamaged);
  const auto name = static_cast<Name>(callee->integer);
  const auto& a = arguments->items;
  switch (name) {
    case Name::ordered_dict:
      check(a.empty(), "an OrderedDict with contents of another form than torch.save writes");
      push(Kind::dict);
      return;
    case Name::counter:
    case Name::size:
      check(a.size() == 1 && a[0]->is(name == Name::counter ? Kind::dict : Kind::tuple),
            "a Counter or Size of another form than torch.save writes");
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
      const TensorView* view = rebuild_tensor(out_, name, *arguments, find_storage_, where());
      push(Kind::tensor).tensor = view;
      return;
    }
    default:
      fail_input(text(where(), ": calls an element type as if it were a function; nothing was run."), kDamaged);
  }
}

/// State of an object: attributes of a dictionary (_metadata of a state dict) carry no weights.
void Machine::build() {
  pop();
  check_input(top()->is(Kind::dict), text(where(), ": sets the state of ", describe(*top()), "; nothing was run."));
}

}  // namespace

Pickle unpickle(std::span<const std::byte> bytes, const std::string& origin, const FindStorage& find_storage) {
  return Machine(bytes, origin, find_storage).run();
}

}  // namespace mien::weights
