// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/weights_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/weights/bytes.h"
#include "mien/weights/state_dict.h"
#include "mien/weights/torch_file.h"

namespace mien::nn {
namespace {

/// Turns views into tensors that share the mapped file.
class Borrower {
 public:
  explicit Borrower(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {}

  at::Tensor tensor(const weights::TensorView& view) {
    const auto options = at::TensorOptions().dtype(to_scalar_type(view.dtype));
    const std::byte* begin = view.storage.data();
    if (view.storage.empty()) return at::empty_strided(view.shape, view.strides, options);
    std::shared_ptr<const void> owner = file_;
    if (reinterpret_cast<std::uintptr_t>(begin) % std::min<std::size_t>(weights::element_size(view.dtype), 8) != 0) {
      // PyTorch aligns storages, other zip programs don't: one aligned copy per storage.
      auto& copy = aligned_[begin];
      if (!copy || copy->size() * sizeof(std::uint64_t) < view.storage.size()) {
        copy = std::make_shared<std::vector<std::uint64_t>>((view.storage.size() + 7) / 8);
        std::memcpy(copy->data(), begin, view.storage.size());
      }
      begin = reinterpret_cast<const std::byte*>(copy->data());
      owner = copy;
    }
    auto* data = const_cast<std::byte*>(begin);
    const auto elements = static_cast<std::int64_t>(view.storage.size() / weights::element_size(view.dtype));
    return at::from_blob(
               data, {elements}, [owner](void*) {}, options)
        .as_strided(view.shape, view.strides, view.offset);
  }

 private:
  std::shared_ptr<const MappedFile> file_;
  std::map<const std::byte*, std::shared_ptr<std::vector<std::uint64_t>>> aligned_;
};

[[noreturn]] void refuse_format(std::string_view content, const std::string& origin) {
  using namespace std::string_view_literals;
  const char* remedy = "Give a .safetensors file, or a .pth or .pt file of torch.save.";
  if (content.starts_with("\x89HDF\r\n\x1a\n"sv))
    fail_input(origin + ": an HDF5 file (Keras weights), which is not supported.", remedy);
  if (content.starts_with("\x1f\x8b"sv))
    fail_input(origin + ": compressed with gzip.", fmt::format("Unpack it with gunzip. {}", remedy));
  if (content.starts_with("\x08"sv) && origin.ends_with(".onnx"))
    fail_input(origin + ": an ONNX model, but weights are read from checkpoints.",
               "Use it directly with --model, or give the checkpoint that it was exported from.");
  fail_input(fmt::format("{}: neither a safetensors file nor a PyTorch file ({} bytes).", origin, content.size()),
             remedy);
}

void check_entry_unused(const std::string& entry, const std::string& origin) {
  check_input(entry.empty(),
              fmt::format("{}: no entry {}; a safetensors file contains only tensors.", origin, quote(entry)),
              "Remove --entry.");
}

bool has_all(const weights::Value& root, const std::vector<DictPart>& parts) {
  return !parts.empty() && root.is(weights::Value::Kind::dict) &&
         std::all_of(parts.begin(), parts.end(), [&](const DictPart& p) { return root.find(p.entry) != nullptr; });
}

/// The parts of a file as one dictionary.
weights::StateDict joined(const weights::Value& root, const std::vector<DictPart>& parts, const std::string& origin) {
  constexpr std::string_view kWrapper = "module.";
  weights::StateDict out;
  for (const DictPart& part : parts) {
    auto dict = weights::find_state_dict(root, {}, part.entry, origin);
    const bool is_wrapped = std::all_of(dict.tensors.begin(), dict.tensors.end(),
                                        [&](const auto& t) { return t.name.starts_with(kWrapper); });
    for (auto& tensor : dict.tensors)
      out.tensors.push_back({part.prefix + tensor.name.substr(is_wrapped ? kWrapper.size() : 0), tensor.view});
    out.others.insert(out.others.end(), dict.others.begin(), dict.others.end());
    out.entry += (out.entry.empty() ? "" : ", ") + part.entry;
  }
  return out;
}

}  // namespace

at::ScalarType to_scalar_type(weights::Dtype dtype) {
  using D = weights::Dtype;
  switch (dtype) {
    case D::f64:
      return at::kDouble;
    case D::f32:
      return at::kFloat;
    case D::f16:
      return at::kHalf;
    case D::bf16:
      return at::kBFloat16;
    case D::i64:
      return at::kLong;
    case D::i32:
      return at::kInt;
    case D::i16:
      return at::kShort;
    case D::i8:
      return at::kChar;
    case D::u8:
      return at::kByte;
    case D::boolean:
      return at::kBool;
    case D::c64:
      return at::kComplexFloat;
    case D::c128:
      return at::kComplexDouble;
    case D::u16:
      return at::kUInt16;
    case D::u32:
      return at::kUInt32;
    case D::u64:
      return at::kUInt64;
    case D::f8_e4m3:
      return at::kFloat8_e4m3fn;
    case D::f8_e5m2:
      return at::kFloat8_e5m2;
  }
  return at::kFloat;
}

WeightsFile read_weights(const std::filesystem::path& path, const std::vector<std::string>& containers,
                         const std::string& entry, const std::vector<DictPart>& parts, const weights::FitOf& fit) {
  const auto mapped = std::make_shared<const MappedFile>(path);
  const auto bytes = mapped->bytes();
  WeightsFile out;
  out.file.origin = path.string();
  if (weights::looks_like_torch(bytes)) {
    Borrower borrower(mapped);
    const auto pickle = weights::read_torch_file(bytes, path.string());
    const auto dict = entry.empty() && has_all(*pickle.root, parts)
                          ? joined(*pickle.root, parts, path.string())
                          : weights::find_state_dict(*pickle.root, containers, entry, path.string(), fit);
    for (const auto& [name, view] : dict.tensors) out.file.tensors.emplace_back(name, borrower.tensor(view));
    for (const auto& [name, view] : dict.around) out.around.emplace_back(name, borrower.tensor(view));
    out.format = "PyTorch";
    out.entry = dict.entry;
    out.others = dict.others;
    out.entries = dict.entries;
    return out;
  }
  if (bytes.size() < 9 || static_cast<char>(bytes[8]) != '{') refuse_format(weights::as_text(bytes), path.string());
  check_entry_unused(entry, path.string());
  out.file = read_safetensors(path);
  out.format = "safetensors";
  return out;
}

}  // namespace mien::nn
