// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/safetensors.h"

#include <fmt/core.h>

#include <cstring>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/hash.h"
#include "mien/base/json.h"
#include "mien/base/text.h"
#include "mien/nn/shape_text.h"
#include "mien/nn/weights_file.h"
#include "mien/weights/safetensors_header.h"

namespace mien::nn {
namespace {

struct DtypeName {
  const char* name;
  at::ScalarType type;
};
constexpr DtypeName kDtypes[] = {
    {"F32", at::kFloat}, {"F64", at::kDouble}, {"F16", at::kHalf}, {"BF16", at::kBFloat16}, {"I64", at::kLong},
    {"I32", at::kInt},   {"I16", at::kShort},  {"I8", at::kChar},  {"U8", at::kByte},       {"BOOL", at::kBool}};

const char* dtype_name(at::ScalarType type) {
  for (const auto& d : kDtypes)
    if (type == d.type) return d.name;
  throw Error(ErrorKind::failed, fmt::format("Tensors of type {} cannot be saved.", toString(type)));
}

std::string_view bytes_of(const at::Tensor& t) {
  return {static_cast<const char*>(t.const_data_ptr()), static_cast<std::size_t>(t.nbytes())};
}

std::string hash_of(const NamedTensors& tensors) {
  ContentHasher hasher;
  for (const auto& [name, tensor] : tensors) {
    hasher.update(name + "\n" + shape_text(tensor.sizes()) + "\n");
    hasher.update(bytes_of(tensor));
  }
  return hasher.hex();
}

constexpr const char *kContentHash = "content_hash", *kHeaderHash = "header_hash";

/// Hash over element types and all other metadata, which the content hash does not cover.
std::string header_hash(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata) {
  ContentHasher hasher;
  for (const auto& [name, tensor] : tensors) hasher.update(name + "\n" + dtype_name(tensor.scalar_type()) + "\n");
  for (const auto& [key, value] : metadata)
    if (key != kHeaderHash) hasher.update(key + "\n" + value + "\n");
  return hasher.hex();
}

constexpr const char* kRemedy = "The file is truncated or damaged. Copy it again, or use an older checkpoint.";

at::Tensor copy_of(const weights::TensorView& view) {
  at::Tensor out = at::empty(view.shape, at::TensorOptions().dtype(to_scalar_type(view.dtype)));
  if (!view.storage.empty()) std::memcpy(out.mutable_data_ptr(), view.storage.data(), view.storage.size());
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
  fail_input(fmt::format("{}: no tensor {}.", origin, quote(name)), "The file belongs to another method or version.");
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  const std::string origin = path.string();
  const MappedFile file(path);
  const auto index = weights::read_safetensors_index(file.bytes(), origin);
  TensorFile out;
  out.origin = origin;
  out.metadata = index.metadata;
  for (const auto& [name, view] : index.tensors) out.tensors.emplace_back(name, copy_of(view));
  const auto content = out.metadata.find(kContentHash), header = out.metadata.find(kHeaderHash);
  if (content == out.metadata.end() && header == out.metadata.end()) return out;  // not written by mien
  // Mien's files have both: a single one means that the other's name was changed.
  check_input(content != out.metadata.end() && content->second == hash_of(out.tensors),
              origin + ": the content does not match its hash.", kRemedy);
  check_input(header != out.metadata.end() && header->second == header_hash(out.tensors, out.metadata),
              origin + ": the header does not match its hash.", kRemedy);
  return out;
}

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       std::map<std::string, std::string> metadata) {
  NamedTensors plain;
  for (const auto& [name, tensor] : tensors) plain.emplace_back(name, tensor.detach().cpu().contiguous());
  metadata[kContentHash] = hash_of(plain);
  metadata[kHeaderHash] = header_hash(plain, metadata);
  Json header = {{"__metadata__", metadata}};
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : plain) {
    const std::uint64_t end = offset + tensor.nbytes();
    header[name] = {
        {"dtype", dtype_name(tensor.scalar_type())}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, end}}};
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

}  // namespace mien::nn
