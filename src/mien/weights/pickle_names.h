// SPDX-License-Identifier: Apache-2.0
// The only names of a pickle with a meaning, and their effect: values are rearranged, nothing is
// called. Every other name is an object that is skipped, except those that weights never need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mien/weights/pickle.h"

namespace mien::weights {

enum class Name : std::uint8_t {
  ordered_dict,       ///< collections.OrderedDict(): an empty dictionary
  counter,            ///< collections.Counter(dict): the dictionary
  rebuild_tensor,     ///< torch._utils._rebuild_tensor(storage, offset, size, stride)
  rebuild_tensor_v2,  ///< ..._v2(storage, offset, size, stride, requires_grad, backward_hooks[, metadata])
  rebuild_tensor_v3,  ///< ..._v3(storage, offset, size, stride, requires_grad, backward_hooks, dtype[, metadata])
  rebuild_subclass,   ///< torch._tensor._rebuild_from_type_v2(function, type, arguments, state): function(arguments)
  rebuild_parameter,  ///< torch._utils._rebuild_parameter(tensor, requires_grad, backward_hooks), ..._with_state
  size,               ///< torch.Size(tuple): the tuple
  device,             ///< torch.device(kind, index): its arguments, ignored
  typed_storage,      ///< torch.FloatStorage and similar, in a storage's description
  untyped_storage,    ///< torch.storage.UntypedStorage: bytes
  dtype,              ///< torch.float32 and similar
};

/// A global of a pickle that is in the list.
struct ListedName {
  Name name;
  Dtype dtype = Dtype::u8;  ///< typed_storage, dtype
};
std::optional<ListedName> listed_name(std::string_view module, std::string_view name);

/// Throws bad_input for a name that weights never need and every attack needs: os.system, builtins.eval, ...
void refuse_dangerous_name(std::string_view module, std::string_view name, const std::string& where);
/// The error for a file that is an object of a class ("models.Net") instead of a state dict, with the remedy.
[[noreturn]] void refuse_object(std::string_view class_name, const std::string& origin);
/// Name of an unsupported opcode: "INST", or "0xf3".
std::string opcode_name(std::uint8_t code);

/// Adds the tensor that a _rebuild_tensor call describes. Throws bad_input if the arguments are not as PyTorch
/// writes them or if elements are outside the storage.
const TensorView* rebuild_tensor(Pickle& pickle, Name name, const Value& arguments, const FindStorage& find_storage,
                                 const std::string& where);

}  // namespace mien::weights
