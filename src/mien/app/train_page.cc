// SPDX-License-Identifier: Apache-2.0
#include "mien/app/train_page.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/report/html.h"
#include "mien/report/png.h"

namespace mien::app {
namespace {

std::string content_of(const std::filesystem::path& path) {
  return path_exists(path) ? read_file(path) : std::string();
}

constexpr std::size_t kMostPictureEpochs = 6;  ///< on the page; all are in the folder

std::string epoch_name(const Json& row) {
  return fmt::format("{}, epoch {}", row.value("stage", std::string()), row.value("epoch", std::int64_t{0}));
}

/// The pictures of the last epoch that has pictures, and of earlier epochs at even distances.
std::vector<report::TrainingPicture> pictures_of(const train::RunFolder& folder, const std::vector<Json>& rows) {
  std::vector<const Json*> with_pictures;
  for (const auto& row : rows)
    if (row.contains("pictures")) with_pictures.push_back(&row);
  std::vector<report::TrainingPicture> out;
  const std::size_t count = std::min(with_pictures.size(), kMostPictureEpochs);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = count == 1 ? with_pictures.size() - 1 : i * (with_pictures.size() - 1) / (count - 1);
    const Json& row = *with_pictures[at];
    for (const auto& entry : row.at("pictures")) {
      const auto file = folder.path() / entry.value("file", std::string());
      if (!path_exists(file)) continue;
      out.push_back(
          {report::data_uri("image/png", read_file(file)), entry.value("caption", std::string()), epoch_name(row)});
    }
  }
  return out;
}

report::TrainingRecord record_of(const train::RunFolder& folder, const face::Provenance& provenance,
                                 report::RunState state) {
  report::TrainingRecord record;
  record.name = whole_path(folder.path()).filename().string();
  record.state = state;
  record.provenance = provenance;
  for (const auto& line : lines_of(content_of(folder.path() / "metrics.jsonl"))) {
    Json row = Json::parse(line, nullptr, /*allow_exceptions=*/false);  // a line cut by a kill is left out
    if (row.is_object()) record.epochs.push_back(std::move(row));
  }
  const auto environment = folder.path() / "environment.json";
  if (path_exists(environment))
    record.environment = face::environment_from_json(read_json(environment), environment.string());
  record.command = content_of(folder.path() / "command.txt");
  record.config = content_of(folder.path() / "config.toml");
  record.pictures = pictures_of(folder, record.epochs);
  return record;
}

/// (C,H,W) → rows of interleaved channels.
report::Pixels pixels_of(const method::Picture& picture) {
  const at::Tensor bytes = picture.pixels.to(at::kCPU).permute({1, 2, 0}).contiguous();
  const auto* values = bytes.const_data_ptr<std::uint8_t>();
  return {static_cast<int>(bytes.size(1)), static_cast<int>(bytes.size(0)), static_cast<int>(bytes.size(2)),
          std::vector<std::uint8_t>(values, values + bytes.numel())};
}

void log_failure(const train::RunFolder& folder, const std::string& file, const std::function<void()>& write) {
  try {
    write();
  } catch (const std::exception& error) {
    try {
      folder.append_log(fmt::format("{} was not written: {}", file, error.what()));
    } catch (const std::exception&) {  // the disk of the log is full as well; the next checkpoint reports it
    }
  }
}

}  // namespace

void write_train_page(const train::RunFolder& folder, const face::Provenance& provenance, report::RunState state) {
  log_failure(folder, "report.html", [&] {
    report::training_page(record_of(folder, provenance, state)).write(folder.path() / "report.html");
  });
}

void write_epoch(const train::RunFolder& folder, const face::Provenance& provenance, const train::EpochRecord& record) {
  for (std::size_t i = 0; i < record.pictures.size(); ++i) {
    const auto file = record.row.at("pictures").at(i).at("file").get<std::string>();
    log_failure(folder, file,
                [&] { write_file(folder.path() / file, report::encode_png(pixels_of(record.pictures[i]))); });
  }
  write_train_page(folder, provenance, report::RunState::running);
}

}  // namespace mien::app
