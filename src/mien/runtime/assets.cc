// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/assets.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "assets_json.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/json.h"
#include "mien/base/program_file.h"
#include "mien/base/text.h"

namespace mien::runtime {
namespace fs = std::filesystem;
namespace {

std::vector<Asset> parse_assets() {
  const Json json = parse_json(kAssetsJson, "tools/assets.json");
  std::vector<Asset> out;
  for (const auto& e : json.at("files")) {
    const std::string package = e.at("package").get<std::string>();
    const Json& source = json.at("packages").at(package);
    out.push_back({e.at("path").get<std::string>(), e.at("group").get<std::string>(),
                   package + " " + source.at("version").get<std::string>(), e.at("sha256").get<std::string>(),
                   e.at("bytes").get<std::int64_t>(), e.at("what").get<std::string>(),
                   e.at("licence").get<std::string>()});
  }
  return out;
}

/// The content of a folder; incomplete if it cannot be read completely.
std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::directory_iterator it(folder, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) files.push_back(it->path());
  return files;
}

std::string remedy_for(const Asset& asset) {
  return asset.group == "predict" ? "Run './mien setup', which fetches it (or tools/fetch_assets.py predict)."
                                  : fmt::format("Run 'tools/fetch_assets.py {}'.", asset.group);
}

}  // namespace

const std::vector<Asset>& assets() {
  static const std::vector<Asset> list = parse_assets();
  return list;
}

fs::path installed_data_dir() {
  std::error_code ignored;
  Dl_info info{};
  fs::path code;
  if (dladdr(reinterpret_cast<const void*>(&installed_data_dir), &info) && info.dli_fname)
    if (const fs::path file = info.dli_fname; file.filename().string().find(".so") != std::string::npos)
      code = fs::canonical(file, ignored);
  if (code.empty()) code = program_file();
  // <prefix>/bin/mien, <prefix>/lib/libmien.so, <prefix>/lib/x86_64-linux-gnu/libmien.so
  fs::path prefix = code.parent_path();
  for (int up = 0; up < 2; ++up) {
    prefix = prefix.parent_path();
    if (fs::is_directory(prefix / "share/mien", ignored)) return prefix / "share/mien";
  }
  return {};
}

fs::path require_asset(std::string_view path) {
  for (const auto& asset : assets()) {
    if (asset.path != path) continue;
    const fs::path installed = installed_data_dir();
    fs::path file = installed / asset.path;
    if (installed.empty() || !path_exists(file)) file = user_data_dir() / asset.path;
    if (!path_exists(file))
      throw Error(ErrorKind::missing,
                  fmt::format("{}: not found ({}, from the package {}).", file.string(), asset.what, asset.package),
                  remedy_for(asset));
    const MappedFile mapped(file);
    check_input(sha256(mapped.bytes()) == asset.sha256,
                fmt::format("{}: not the expected file (SHA-256 differs).", file.string()),
                "Delete it. " + remedy_for(asset));
    return file;
  }
  throw Error(ErrorKind::failed, fmt::format("There is no asset named {}.", quote(path)));
}

std::string sha256(std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int length = 0;
  if (!EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr))
    throw Error(ErrorKind::failed, "SHA-256 is not available.");
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < length; ++i) (out += kHex[digest[i] >> 4]) += kHex[digest[i] & 15];
  return out;
}

std::vector<fs::path> model_dirs(const fs::path& source_dir) {
  std::error_code ignored;
  std::vector<fs::path> candidates;
  if (const fs::path installed = installed_data_dir(); !installed.empty()) candidates.push_back(installed / "models");
  if (!source_dir.empty()) candidates.push_back(source_dir / "models");
  candidates.push_back(user_data_dir() / "models");
  std::erase_if(candidates, [&](const fs::path& dir) { return !fs::is_directory(dir, ignored); });
  return candidates;
}

std::vector<fs::path> expression_models(const fs::path& source_dir) {
  std::set<fs::path> fetched;
  for (const auto& asset : assets()) fetched.insert(fs::path(asset.path).filename());
  std::vector<fs::path> files;
  for (const auto& dir : model_dirs(source_dir))
    for (const auto& file : files_of(dir))
      if (file.extension() == ".onnx" && !fetched.contains(file.filename())) files.push_back(file);
  std::sort(files.begin(), files.end());
  return files;
}

fs::path find_model(const std::string& name, const fs::path& source_dir) {
  if (name.find('/') != std::string::npos || path_exists(name)) return name;
  for (const auto& dir : model_dirs(source_dir))
    for (const fs::path& file : {dir / name, dir / (name + ".onnx")})
      if (path_exists(file)) return file;
  return name;
}

fs::path find_default_model(const fs::path& source_dir) {
  if (const char* named = std::getenv("MIEN_MODEL"); named && *named) {
    if (!path_exists(named))
      throw Error(ErrorKind::missing, fmt::format("{}: no such model (set by MIEN_MODEL).", named),
                  "Correct or unset MIEN_MODEL.");
    return named;
  }
  for (const auto& dir : model_dirs(source_dir))
    if (path_exists(dir / kDefaultModel)) return dir / kDefaultModel;
  throw Error(ErrorKind::missing, fmt::format("The model {} is not in any model folder.", kDefaultModel),
              "Give a model with --model FILE, or train and export one (mien train, mien export).");
}

}  // namespace mien::runtime
