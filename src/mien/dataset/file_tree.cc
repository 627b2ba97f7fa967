// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/file_tree.h"

#include <zip.h>

#include <algorithm>
#include <mutex>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"

namespace mien::dataset {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kLargestFile = 1ULL << 30;

bool is_litter(std::string_view name) {
  const std::string base = base_of(name);
  return base.starts_with("._") || base == ".DS_Store" || lower(base) == "thumbs.db" || name.starts_with("__MACOSX/") ||
         name.find("/__MACOSX/") != std::string_view::npos;
}

/// Lower case, spaces as underscores: section 0 of the data-set rules.
std::string folded(std::string_view name) {
  std::string out = lower(name);
  std::replace(out.begin(), out.end(), ' ', '_');
  return out;
}

class FolderTree final : public FileTree {
 public:
  explicit FolderTree(const fs::path& path) : FileTree(path) {
    std::vector<std::string> files;
    std::error_code error;
    fs::recursive_directory_iterator it(path, error);
    check_input(!error, text(path.string(), ": folder cannot be read (", error.message(), ")."));
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      std::error_code ignored;
      if (it->is_regular_file(ignored)) files.push_back(it->path().lexically_relative(path).generic_string());
    }
    check_input(!error, text(path.string(), ": a folder in it cannot be read (", error.message(), ")."),
                "Check its permissions.");
    set_files(std::move(files));
  }
  std::string read(const std::string& name) const override {
    const fs::path path = root() / name;
    std::error_code ignored;
    const auto size = fs::file_size(path, ignored);
    check_input(ignored || size <= kLargestFile, text(path.string(), ": ", size, " bytes, at most 1 GB is read."));
    return read_file(path);
  }
};

class ZipTree final : public FileTree {
 public:
  explicit ZipTree(const fs::path& path) : FileTree(path) {
    int code = 0;
    zip_ = zip_open(path.c_str(), ZIP_RDONLY, &code);
    if (!zip_) {
      zip_error_t error;
      zip_error_init_with_code(&error, code);
      const std::string why = zip_error_strerror(&error);
      zip_error_fini(&error);
      fail_input(text(path.string(), ": not a readable zip (", why, ")."),
                 code == ZIP_ER_NOZIP ? "Give a folder, a zip, a list (.csv, .txt, .lst) or a pack."
                                      : "Fetch it again, or unpack it and give the folder.");
    }
    std::error_code ignored;
    archive_size_ = fs::file_size(path, ignored);  // -1, which allows all, where it can't be told
    std::vector<std::string> files;
    const zip_int64_t count = zip_get_num_entries(zip_, 0);
    for (zip_int64_t i = 0; i < count; ++i) {
      const char* name = zip_get_name(zip_, static_cast<zip_uint64_t>(i), 0);
      if (name && *name && !std::string_view(name).ends_with('/')) files.emplace_back(name);
    }
    set_files(std::move(files));
  }
  ~ZipTree() override { zip_discard(zip_); }

  std::string read(const std::string& name) const override {
    const std::scoped_lock lock(mutex_);
    zip_stat_t info;
    zip_stat_init(&info);
    check_input(zip_stat(zip_, name.c_str(), 0, &info) == 0 && (info.valid & ZIP_STAT_SIZE),
                describe(name) + ": not in the zip.");
    check_input(info.size <= kLargestFile, text(describe(name), ": ", info.size, " bytes, at most 1 GB is read."));
    // Deflate shrinks at most 1032 times, and no part is larger than the whole: more is a lie, and nothing is to be set
    // aside for it.
    check_input(
        (info.valid & ZIP_STAT_COMP_SIZE) && info.comp_size <= archive_size_ && info.size / 1100 <= info.comp_size,
        text(describe(name), ": ", info.size, " bytes from ", info.comp_size, " cannot be."), "Fetch the zip again.");
    zip_file_t* file = zip_fopen_index(zip_, info.index, 0);
    check_input(file != nullptr, text(describe(name), ": cannot be opened (", zip_strerror(zip_), ")."));
    std::string content(info.size, '\0');
    const zip_int64_t got = zip_fread(file, content.data(), info.size);
    char one_more = 0;  // the checksum is looked at when the end is read
    const bool whole = got == static_cast<zip_int64_t>(info.size) && zip_fread(file, &one_more, 1) == 0;
    zip_fclose(file);
    check_input(whole, describe(name) + ": damaged inside the zip.", "Fetch the zip again.");
    return content;
  }

 private:
  mutable std::mutex mutex_;  // a zip_t serves one thread at a time
  zip_t* zip_ = nullptr;
  std::uintmax_t archive_size_ = 0;
};

}  // namespace

std::unique_ptr<FileTree> FileTree::open(const fs::path& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  if (!fs::exists(status))
    throw Error(ErrorKind::missing, text(path.string(), ": no such folder or file."), "Check the path.");
  if (fs::is_directory(status)) return std::make_unique<FolderTree>(path);
  check_input(fs::is_regular_file(status), text(path.string(), ": neither a folder nor a plain file."));
  return std::make_unique<ZipTree>(path);
}

void FileTree::set_files(std::vector<std::string> files) {
  std::erase_if(files, [](const std::string& name) { return is_litter(name); });
  std::sort(files.begin(), files.end());
  files_ = std::move(files);
  folded_.reserve(files_.size());
  for (std::size_t i = 0; i < files_.size(); ++i) folded_.emplace_back(folded(files_[i]), i);
  std::sort(folded_.begin(), folded_.end());
}

bool FileTree::contains(std::string_view name) const { return std::binary_search(files_.begin(), files_.end(), name); }

std::optional<std::string> FileTree::find_loosely(std::string_view name) const {
  if (contains(name)) return std::string(name);
  const std::string key = folded(name);
  const auto first = std::lower_bound(folded_.begin(), folded_.end(), std::pair(key, std::size_t{0}));
  if (first == folded_.end() || first->first != key) return std::nullopt;
  if (const auto next = first + 1; next != folded_.end() && next->first == key) return std::nullopt;
  return files_[first->second];
}

std::string FileTree::describe(std::string_view name) const { return root_.string() + "/" + std::string(name); }

std::string parent_of(std::string_view name) {
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(name.substr(0, slash));
}

std::string base_of(std::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

}  // namespace mien::dataset
