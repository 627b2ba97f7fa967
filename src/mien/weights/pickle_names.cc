// SPDX-License-Identifier: Apache-2.0
#include "mien/weights/pickle_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::weights {
namespace {

struct Listed {
  std::string_view module, name;
  Name meaning;
};
constexpr Listed kListed[] = {
    {"collections", "OrderedDict", Name::ordered_dict},
    {"collections", "Counter", Name::counter},
    {"torch._utils", "_rebuild_tensor", Name::rebuild_tensor},
    {"torch._utils", "_rebuild_tensor_v2", Name::rebuild_tensor_v2},
    {"torch._utils", "_rebuild_tensor_v3", Name::rebuild_tensor_v3},
    {"torch._tensor", "_rebuild_from_type_v2", Name::rebuild_subclass},
    {"torch._utils", "_rebuild_parameter", Name::rebuild_parameter},
    {"torch._utils", "_rebuild_parameter_with_state", Name::rebuild_parameter},
    {"torch", "Size", Name::size},
    {"torch", "device", Name::device},
    {"torch.storage", "UntypedStorage", Name::untyped_storage},
    {"torch", "UntypedStorage", Name::untyped_storage},
};

/// Modules that weights never need and every attack needs.
constexpr std::string_view kDangerous[] = {
    "os",  "posix", "nt",     "subprocess", "sys",   "builtins", "__builtin__", "runpy",  "socket",  "shutil",
    "pty", "code",  "ctypes", "importlib",  "types", "marshal",  "webbrowser",  "pickle", "commands"};

/// Plain types of these modules, as found in recorders and argument objects.
constexpr std::string_view kHarmless[] = {"set",    "frozenset", "slice", "complex",        "range", "bytearray",
                                          "object", "list",      "dict",  "tuple",          "int",   "float",
                                          "str",    "bool",      "bytes", "SimpleNamespace"};

struct Opcode {
  std::uint8_t code;
  const char* name;
};
constexpr Opcode kRefused[] = {{'1', "POP_MARK"}, {'2', "DUP"},          {'F', "FLOAT"},
                               {'I', "INT"},      {'L', "LONG"},         {'S', "STRING"},
                               {'V', "UNICODE"},  {'P', "PERSID"},       {'T', "BINSTRING"},
                               {'d', "DICT"},     {'l', "LIST"},         {'g', "GET"},
                               {'p', "PUT"},      {'i', "INST"},         {'o', "OBJ"},
                               {0x82, "EXT1"},    {0x83, "EXT2"},        {0x84, "EXT4"},
                               {0x8b, "LONG4"},   {0x97, "NEXT_BUFFER"}, {0x98, "READONLY_BUFFER"}};

using Kind = Value::Kind;

std::vector<std::int64_t> sizes_of(const Value& value, const std::string& where) {
  check_input(value.is(Kind::tuple) && value.items.size() <= kMaxRank,
              fmt::format("{}: a tensor with {} dimensions; the limit is {}.", where, value.items.size(), kMaxRank));
  std::vector<std::int64_t> sizes;
  for (const Value* item : value.items) {
    check_input(item->is(Kind::integer),
                fmt::format("{}: a tensor's size is {}, expected a number.", where, describe(*item)));
    sizes.push_back(item->integer);
  }
  return sizes;
}

}  // namespace

std::optional<ListedName> listed_name(std::string_view module, std::string_view name) {
  for (const Listed& l : kListed)
    if (l.module == module && l.name == name) return ListedName{l.meaning};
  if (module != "torch" && module != "torch.cuda") return std::nullopt;
  if (const auto dtype = dtype_from_storage(name)) return ListedName{Name::typed_storage, *dtype};
  if (const auto dtype = dtype_from_torch(name); dtype && module == "torch") return ListedName{Name::dtype, *dtype};
  return std::nullopt;
}

void refuse_dangerous_name(std::string_view module, std::string_view name, const std::string& where) {
  const std::string_view package = module.substr(0, module.find('.'));
  const bool is_harmless = std::find(std::begin(kHarmless), std::end(kHarmless), name) != std::end(kHarmless);
  const bool is_dangerous = std::find(std::begin(kDangerous), std::end(kDangerous), package) != std::end(kDangerous);
  if (!is_dangerous || is_harmless) return;
  fail_input(
      fmt::format("{}: calls for {}, which weights never need; nothing was run.", where,
                  quote(fmt::format("{}.{}", module.substr(0, 100), name.substr(0, 100)))),
      "This looks like an attack. Do not load the file in Python. Download the weights from their author's page.");
}

void refuse_object(std::string_view class_name, const std::string& origin) {
  fail_input(fmt::format("{}: contains {}, which is not part of a plain state dict; nothing was run.", origin,
                         quote(class_name.substr(0, 200))),
             "If you trust the file, save only its state dict, on a machine with its code: python3 -c "
             "\"import sys, torch; "
             "f = torch.load(sys.argv[1], map_location='cpu', weights_only=False); torch.save(f.state_dict() if "
             "hasattr(f, 'state_dict') else "
             "next(v for k, v in f.items() if 'state_dict' in k or k in ('model', 'net')), sys.argv[2])\" OLD NEW.pth");
}

std::string opcode_name(std::uint8_t code) {
  for (const Opcode& o : kRefused)
    if (o.code == code) return o.name;
  constexpr const char* kDigits = "0123456789abcdef";
  return std::string("0x") + kDigits[code >> 4] + kDigits[code & 15];
}

const TensorView* rebuild_tensor(Pickle& pickle, Name name, const Value& arguments, const FindStorage& find_storage,
                                 const std::string& where) {
  const auto& a = arguments.items;
  const std::size_t least = name == Name::rebuild_tensor ? 4 : name == Name::rebuild_tensor_v2 ? 6 : 7;
  check_input(a.size() >= least && a[0]->is(Kind::storage) && a[1]->is(Kind::integer),
              where + ": a tensor is not described in PyTorch's form.",
              "The file is damaged, or was written by another program.");
  TensorView view;
  view.dtype = a[0]->dtype;
  if (name == Name::rebuild_tensor_v3) {
    const auto& d = *a[6];
    check_input(d.is(Kind::name) && d.integer == static_cast<std::int64_t>(Name::dtype),
                where + ": a tensor without an element type.");
    view.dtype = d.dtype;
  }
  view.offset = a[1]->integer;
  view.shape = sizes_of(*a[2], where);
  view.strides = sizes_of(*a[3], where);
  const std::uint64_t bytes = static_cast<std::uint64_t>(a[0]->integer) * element_size(a[0]->dtype);
  const auto storage = find_storage(a[0]->text, bytes);
  if (storage) {
    check_input(storage->size() >= bytes,
                fmt::format("{}: storage {} has {} bytes, {} expected.", where, quote(a[0]->text.substr(0, 100)),
                            storage->size(), bytes),
                "The file is damaged. Download it again.");
    view.storage = storage->first(bytes);
    check_view(view, fmt::format("{}: a tensor of storage {}", where, quote(a[0]->text.substr(0, 100))));
  }
  return &pickle.tensors.emplace_back(std::move(view));
}

}  // namespace mien::weights
