// SPDX-License-Identifier: Apache-2.0
#include "mien/weights/torch_file.h"

#include <fmt/core.h>

#include <unordered_map>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/weights/bytes.h"
#include "mien/weights/pickle.h"
#include "mien/weights/zip.h"

namespace mien::weights {
namespace {

using namespace std::string_view_literals;
constexpr std::string_view kZip = "PK\x03\x04"sv, kOldMagic = "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv;
constexpr std::string_view kPickleName = "data.pkl";
constexpr std::size_t kLocalHeader = 30, kTarMagicAt = 257;

/// A line of Python that converts any file that torch.load reads to the format read here. It loads only tensors.
constexpr const char* kSaveAgain =
    "Save it again: python3 -c \"import sys, torch; torch.save(torch.load(sys.argv[1], map_location='cpu', "
    "weights_only=True), sys.argv[2])\" OLD NEW.pth";

bool is_tar(std::string_view content) {
  return content.size() > kTarMagicAt + 5 && content.substr(kTarMagicAt, 5) == "ustar";
}

/// Folder of the archive's pickle: "archive/", "name/" or "".
std::string pickle_folder(const ZipReader& zip, const std::string& origin) {
  for (const ZipEntry& entry : zip.entries()) {
    if (!entry.name.ends_with(kPickleName)) continue;
    const std::string_view folder = entry.name.substr(0, entry.name.size() - kPickleName.size());
    if (folder.empty() || folder.find('/') == folder.size() - 1) return std::string(folder);
  }
  fail_input(origin + ": a zip archive, but not one of PyTorch (no data.pkl inside).",
             "Give the .pth or .pt file itself. If it is in an archive, unpack the archive.");
}

void refuse_other_archives(const ZipReader& zip, const std::string& folder, const std::string& origin) {
  if (zip.has(folder + "constants.pkl"))
    fail_input(origin + ": a TorchScript program, not a state dict.",
               "Save only its weights: python3 -c \"import sys, torch; torch.save(torch.jit.load(sys.argv[1], "
               "map_location='cpu').state_dict(), sys.argv[2])\" OLD NEW.pth");
  if (zip.has(folder + "byteorder") && as_text(zip.read(folder + "byteorder")) != "little")
    fail_input(fmt::format("{}: written on a machine with byte order {}, expected little-endian.", origin,
                           quote(as_text(zip.read(folder + "byteorder")).substr(0, 20))),
               std::string(kSaveAgain) + " (on a little-endian machine)");
}

/// A file without its end: the pickle is first and gives the sizes of the storages after it.
[[noreturn]] void refuse_cut(std::span<const std::byte> bytes, const std::string& origin) {
  std::uint64_t wanted = 0;
  const auto name_bytes = number_at<std::uint16_t>(bytes, 26), extra_bytes = number_at<std::uint16_t>(bytes, 28);
  if (name_bytes && extra_bytes && kLocalHeader + *name_bytes + *extra_bytes <= bytes.size() &&
      as_text(bytes.subspan(kLocalHeader, *name_bytes)).ends_with(kPickleName)) {
    std::unordered_map<std::string_view, std::uint64_t> storages;
    try {
      unpickle(bytes.subspan(kLocalHeader + *name_bytes + *extra_bytes), origin,
               [&](std::string_view key, std::uint64_t size) {
                 storages[key] = size;
                 return std::nullopt;
               });
    } catch (const Error&) {  // cut within the pickle, or hostile: nothing is known then
      storages.clear();
    }
    for (const auto& [key, size] : storages) wanted += size;
  }
  fail_input(wanted > bytes.size()
                 ? fmt::format("{}: the file is truncated: {} bytes found, its tensors alone need {}.", origin,
                               bytes.size(), wanted)
                 : fmt::format("{}: the file is truncated: {} bytes found, the end of the zip archive is missing.",
                               origin, bytes.size()),
             "Download or copy it again.");
}

bool has_end(std::span<const std::byte> bytes) {
  const auto tail = as_text(bytes.size() > 65557 ? bytes.last(65557) : bytes);
  return tail.rfind("PK\x05\x06"sv) != std::string_view::npos;
}

}  // namespace

bool looks_like_torch(std::span<const std::byte> bytes) {
  const auto content = as_text(bytes);
  return content.starts_with(kZip) ||
         (content.size() > 2 && content[0] == '\x80' && content[1] >= 2 && content[1] <= 5) || is_tar(content);
}

Pickle read_torch_file(std::span<const std::byte> bytes, const std::string& origin) {
  const auto content = as_text(bytes);
  if (content.starts_with(kOldMagic) || is_tar(content))
    fail_input(origin + ": the file format of PyTorch before version 1.6, which is not supported.", kSaveAgain);
  if (!content.starts_with(kZip))
    fail_input(origin + ": a bare pickle, not a file of torch.save.",
               "Save the state dict with torch.save(model.state_dict(), FILE).");
  if (!has_end(bytes)) refuse_cut(bytes, origin);
  const ZipReader zip(bytes, origin);
  const std::string folder = pickle_folder(zip, origin);
  refuse_other_archives(zip, folder, origin);
  std::unordered_map<std::string, std::span<const std::byte>> read;  // a storage's checksum is verified once
  return unpickle(zip.read(folder + std::string(kPickleName)), origin, [&](std::string_view key, std::uint64_t) {
    const std::string name = folder + "data/" + std::string(key);
    auto found = read.find(name);
    if (found == read.end()) found = read.emplace(name, zip.read(name)).first;
    return std::optional(found->second);
  });
}

}  // namespace mien::weights
