// SPDX-License-Identifier: Apache-2.0
#include "mien/tensor/safetensors.h"

#include <cstring>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/hash.h"
#include "mien/base/json.h"
#include "mien/base/text.h"

namespace mien::tensor {
namespace {

struct DtypeName {
  const char* name;
  at::ScalarType type;
};
constexpr DtypeName kDtypes[] = {{"F32", at::kFloat}, {"F64", at::kDouble}, {"F16", at::kHalf}, {"BF16", at::kBFloat16},
                                 {"I64", at::kLong},  {"I32", at::kInt},    {"I16", at::kShort}, {"I8", at::kChar},
                                 {"U8", at::kByte},   {"BOOL", at::kBool}};

at::ScalarType dtype_from(const std::string& name, const std::string& origin) {
  for (const auto& d : kDtypes)
    if (name == d.name) return d.type;
  fail_input(text(origin, ": element type ", quote(name), " is not supported."));
}

const char* dtype_name(at::ScalarType type) {
  for (const auto& d : kDtypes)
    if (type == d.type) return d.name;
  throw Error(ErrorKind::failed, text("Tensors of type ", toString(type), " can't be saved."));
}

std::string_view bytes_of(const at::Tensor& t) {
  return {static_cast<const char*>(t.const_data_ptr()), static_cast<std::size_t>(t.nbytes())};
}

std::string hash_of(const NamedTensors& tensors) {
  ContentHasher hasher;
  for (const auto& [name, tensor] : tensors) {
    hasher.update(name + "\n" + text(tensor.sizes()) + "\n");
    hasher.update(bytes_of(tensor));
  }
  return hasher.hex();
}

constexpr const char* kRemedy = "The file is cut or damaged: copy it again, or go back to an older checkpoint.";

at::Tensor read_tensor(const Json& entry, const std::string& name, std::span<const std::byte> data, const std::string& origin) {
  const std::string where = origin + ": tensor " + quote(name);
  const auto type = dtype_from(json_at<std::string>(entry, "dtype", where), where);
  const auto shape = json_at<std::vector<std::int64_t>>(entry, "shape", where);
  const auto offsets = json_at<std::vector<std::uint64_t>>(entry, "data_offsets", where);
  std::uint64_t count = 1;
  for (std::int64_t d : shape) {
    check_input(d >= 0 && d <= static_cast<std::int64_t>(data.size()) + 1 && (d == 0 || count <= data.size() / static_cast<std::uint64_t>(d) + 1),
                where + " has an impossible shape.", kRemedy);
    count *= static_cast<std::uint64_t>(d);
  }
  const std::uint64_t bytes = count * c10::elementSize(type);
  check_input(offsets.size() == 2 && offsets[0] <= offsets[1] && offsets[1] <= data.size() && offsets[1] - offsets[0] == bytes,
              where + " lies outside the file.", kRemedy);
  at::Tensor out = at::empty(shape, at::TensorOptions().dtype(type));
  if (bytes) std::memcpy(out.mutable_data_ptr(), data.data() + offsets[0], bytes);
  return out;
}

}  // namespace

bool TensorFile::has(const std::string& name) const {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return true;
  return false;
}

const at::Tensor& TensorFile::at(const std::string& name) const {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return tensor;
  fail_input(text(origin, ": no tensor ", quote(name), "."), "The file belongs to another method or version.");
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  const std::string origin = path.string();
  const MappedFile file(path);
  const auto bytes = file.bytes();
  std::uint64_t header_size = 0;
  check_input(bytes.size() >= 8, origin + ": not a safetensors file (" + std::to_string(bytes.size()) + " bytes).", kRemedy);
  std::memcpy(&header_size, bytes.data(), 8);
  check_input(header_size <= bytes.size() - 8, origin + ": not a safetensors file, or cut.", kRemedy);
  const Json header = parse_json({reinterpret_cast<const char*>(bytes.data()) + 8, header_size}, origin);
  check_input(header.is_object(), origin + ": not a safetensors file.", kRemedy);
  TensorFile out;
  out.origin = origin;
  const auto data = bytes.subspan(8 + header_size);
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      for (const auto& [key, value] : entry.items()) out.metadata[key] = value.is_string() ? value.get<std::string>() : compact(value);
    } else {
      out.tensors.emplace_back(name, read_tensor(entry, name, data, origin));
    }
  }
  if (const auto hash = out.metadata.find("content_hash"); hash != out.metadata.end())
    check_input(hash->second == hash_of(out.tensors), origin + ": content does not fit its hash.", kRemedy);
  return out;
}

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors, std::map<std::string, std::string> metadata) {
  NamedTensors plain;
  for (const auto& [name, tensor] : tensors) plain.emplace_back(name, tensor.detach().cpu().contiguous());
  metadata["content_hash"] = hash_of(plain);
  Json header = {{"__metadata__", metadata}};
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : plain) {
    const std::uint64_t end = offset + tensor.nbytes();
    header[name] = {{"dtype", dtype_name(tensor.scalar_type())}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string head = compact(header);
  head.append((8 - head.size() % 8) % 8, ' ');  // data aligned to 8 bytes
  const std::uint64_t size = head.size();
  AtomicFile file(path);
  file.write(std::string_view(reinterpret_cast<const char*>(&size), 8));
  file.write(head);
  for (const auto& [name, tensor] : plain) file.write(bytes_of(tensor));
  file.commit();
}

}  // namespace mien::tensor
