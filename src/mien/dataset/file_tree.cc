// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/file_tree.h"

#include <fmt/core.h>
#include <zip.h>

#include <algorithm>
#include <mutex>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/folder.h"
#include "mien/base/text.h"

namespace mien::dataset {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kLargestFile = 1ULL << 30;
constexpr const char* kHidden = "hidden file or folder";

class FolderTree final : public FileTree {
 public:
  explicit FolderTree(const fs::path& path) : FileTree(path) {
    FolderListing listing = list_folder(path);
    for (const auto& entry : listing.unread) {
      const bool is_circle = entry.why == kLinkBack;
      check_input(!entry.is_folder || is_circle,
                  fmt::format("{}: a folder in it cannot be read ({}: {}).", path.string(), entry.name, entry.why),
                  "Check its permissions.");
      pass_over(entry.name, entry.why);
    }
    for (auto& name : listing.hidden) pass_over(name, kHidden);
    set_files(std::move(listing.files), std::move(listing.folders));
  }
  std::string read(const std::string& name) const override {
    const fs::path path = root() / name;
    std::error_code ignored;
    const auto size = fs::file_size(path, ignored);
    check_input(ignored || size <= kLargestFile, fmt::format("{}: {} bytes; the limit is 1 GB.", path.string(), size));
    return read_file(path);
  }
  std::string head(const std::string& name, std::size_t count) const override {
    return file_head(root() / name, count);
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
      fail_input(fmt::format("{}: not a readable zip file ({}).", path.string(), why),
                 code == ZIP_ER_NOZIP ? "Give a folder, a zip file, a list (.csv, .txt, .lst) or a pack."
                                      : "Download it again, or unpack it and give the folder.");
    }
    std::error_code ignored;
    archive_size_ = fs::file_size(path, ignored);  // -1, which allows any size, if it is unknown
    add_entries();
  }
  ~ZipTree() override { zip_discard(zip_); }

  std::string read(const std::string& name) const override {
    const std::scoped_lock lock(mutex_);
    zip_stat_t info;
    zip_stat_init(&info);
    const auto entry = index_of_.find(name);
    check_input(
        entry != index_of_.end() && zip_stat_index(zip_, entry->second, 0, &info) == 0 && (info.valid & ZIP_STAT_SIZE),
        describe(name) + ": not in the zip file.");
    check_input(info.size <= kLargestFile, fmt::format("{}: {} bytes; the limit is 1 GB.", describe(name), info.size));
    // Deflate shrinks at most 1032-fold, and no part is larger than the whole: larger sizes are wrong, and no
    // memory may be reserved for them.
    check_input(
        (info.valid & ZIP_STAT_COMP_SIZE) && info.comp_size <= archive_size_ && info.size / 1100 <= info.comp_size,
        fmt::format("{}: {} bytes from {} are impossible.", describe(name), info.size, info.comp_size),
        "Download the zip file again.");
    zip_file_t* file = zip_fopen_index(zip_, entry->second, 0);
    check_input(file != nullptr, fmt::format("{}: cannot be opened ({}).", describe(name), zip_strerror(zip_)));
    std::string content(info.size, '\0');
    const zip_int64_t got = zip_fread(file, content.data(), info.size);
    char one_more = 0;  // the checksum is checked when the end is read
    const bool whole = got == static_cast<zip_int64_t>(info.size) && zip_fread(file, &one_more, 1) == 0;
    zip_fclose(file);
    check_input(whole, describe(name) + ": damaged inside the zip file.", "Download the zip file again.");
    return content;
  }

  std::string head(const std::string& name, std::size_t count) const override {
    const std::scoped_lock lock(mutex_);
    const auto entry = index_of_.find(name);
    zip_file_t* file = entry == index_of_.end() ? nullptr : zip_fopen_index(zip_, entry->second, 0);
    if (!file) return {};
    std::string content(count, '\0');
    const zip_int64_t got = zip_fread(file, content.data(), count);
    zip_fclose(file);
    content.resize(static_cast<std::size_t>(std::max<zip_int64_t>(0, got)));
    return content;
  }

 private:
  /// Names as stored, with '/' for the '\\' that some Windows programs write.
  void add_entries() {
    std::vector<std::string> files, folders;
    const zip_int64_t count = zip_get_num_entries(zip_, 0);
    for (zip_int64_t i = 0; i < count; ++i) {
      const char* stored = zip_get_name(zip_, static_cast<zip_uint64_t>(i), 0);
      if (!stored || !*stored) continue;
      std::string name = stored;
      std::replace(name.begin(), name.end(), '\\', '/');
      if (is_litter(name)) continue;
      if (is_hidden(name)) {
        pass_over(name, kHidden);
      } else if (name.ends_with('/')) {
        folders.push_back(name.substr(0, name.size() - 1));
      } else if (index_of_.emplace(name, static_cast<zip_uint64_t>(i)).second) {
        files.push_back(name);
      }
    }
    set_files(std::move(files), std::move(folders));
  }

  std::unordered_map<std::string, zip_uint64_t> index_of_;
  mutable std::mutex mutex_;  // a zip_t may be used by one thread at a time
  zip_t* zip_ = nullptr;
  std::uintmax_t archive_size_ = 0;
};

}  // namespace

std::unique_ptr<FileTree> FileTree::open(const fs::path& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  if (!fs::exists(status)) fail_missing(path, "folder or file");
  if (fs::is_directory(status)) return std::make_unique<FolderTree>(path);
  check_input(fs::is_regular_file(status), fmt::format("{}: neither a folder nor a regular file.", path.string()),
              "Give a folder, a zip, a list (.csv, .txt, .lst) or a pack.");
  return std::make_unique<ZipTree>(path);
}

void FileTree::set_files(std::vector<std::string> files, std::vector<std::string> folders) {
  std::erase_if(files, [](const std::string& name) { return is_litter(name); });
  std::sort(files.begin(), files.end());
  files_ = std::move(files);
  std::string last;
  for (const auto& file : files_) {
    if (parent_of(file) == last) continue;
    last = parent_of(file);
    for (std::string folder = last; !folder.empty(); folder = parent_of(folder)) folders.push_back(folder);
  }
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  folders_ = std::move(folders);
  folded_.reserve(files_.size());
  for (std::size_t i = 0; i < files_.size(); ++i) folded_.emplace_back(folded(files_[i]), i);
  std::sort(folded_.begin(), folded_.end());
}

std::string FileTree::head(const std::string& name, std::size_t count) const { return read(name).substr(0, count); }

const image::ContentKind& FileTree::kind_of(const std::string& name) const {
  static const image::ContentKind picture{image::Content::picture, "picture"};
  static const image::ContentKind array{image::Content::other, "NumPy array"};
  if (image::has_image_name(name)) return picture;
  if (name.ends_with(".npy")) return array;  // data sets have a million of them
  const auto known = kinds_.find(name);
  if (known != kinds_.end()) return known->second;
  return kinds_.emplace(name, image::content_kind(head(name, image::kHeadBytes))).first->second;
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

std::size_t FileTree::count_loosely(std::string_view name) const {
  const std::string key = folded(name);
  const auto first = std::lower_bound(folded_.begin(), folded_.end(), std::pair(key, std::size_t{0}));
  std::size_t count = 0;
  for (auto it = first; it != folded_.end() && it->first == key; ++it) ++count;
  return count;
}

std::string FileTree::describe(std::string_view name) const { return root_.string() + "/" + std::string(name); }

std::string folded(std::string_view name) {
  std::string out = lower(name);
  std::replace(out.begin(), out.end(), ' ', '_');
  return out;
}

std::string parent_of(std::string_view name) {
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(name.substr(0, slash));
}

std::string base_of(std::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

}  // namespace mien::dataset
