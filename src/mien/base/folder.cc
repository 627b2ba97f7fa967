// SPDX-License-Identifier: Apache-2.0
#include "mien/base/folder.h"

#include <fmt/core.h>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien {
namespace fs = std::filesystem;
namespace {

/// Names of files and folders, in lower case.
constexpr std::array<std::string_view, 19> kLitter = {".ds_store",
                                                      "thumbs.db",
                                                      "ehthumbs.db",
                                                      "desktop.ini",
                                                      "__macosx",
                                                      ".ipynb_checkpoints",
                                                      "@eadir",
                                                      ".git",
                                                      ".svn",
                                                      ".directory",
                                                      ".thumbnails",
                                                      ".picasa.ini",
                                                      "$recycle.bin",
                                                      ".trash",
                                                      "lost+found",
                                                      "__pycache__",
                                                      ".fseventsd",
                                                      ".spotlight-v100",
                                                      "system volume information"};

bool is_litter_part(std::string_view part) {
  const std::string folded = lower(part);
  return folded.starts_with("._") || folded.starts_with("~$") || folded.starts_with(".~lock.") ||
         folded.starts_with(".trash-") || folded.starts_with(".nfs") ||
         std::find(kLitter.begin(), kLitter.end(), folded) != kLitter.end();
}

struct FolderId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FolderId&) const = default;
};

class Walk {
 public:
  FolderListing of(const fs::path& folder) {
    const std::string why = enter(folder, "");
    check_input(why.empty(), fmt::format("{}: the folder cannot be read ({}).", folder.string(), why),
                "Check its permissions.");
    std::sort(out_.files.begin(), out_.files.end());
    std::sort(out_.folders.begin(), out_.folders.end());
    std::sort(out_.hidden.begin(), out_.hidden.end());
    return std::move(out_);
  }

 private:
  /// Reads a folder and everything below it; returns the reason if that is not possible.
  std::string enter(const fs::path& folder, const std::string& prefix) {
    struct stat info {};
    if (::stat(folder.c_str(), &info) != 0) return std::generic_category().message(errno);
    const FolderId id{info.st_dev, info.st_ino};
    if (std::find(open_.begin(), open_.end(), id) != open_.end()) return std::string(kLinkBack);
    std::error_code error;
    fs::directory_iterator it(folder, error);
    open_.push_back(id);
    for (; !error && it != fs::directory_iterator(); it.increment(error)) add(*it, prefix);
    open_.pop_back();
    return error ? error.message() : std::string();
  }

  void add(const fs::directory_entry& entry, const std::string& prefix) {
    const std::string part = entry.path().filename().string(), name = prefix + part;
    if (is_litter_part(part)) return;
    if (part.starts_with('.')) return out_.hidden.push_back(name);
    std::error_code error;
    const fs::file_type type = entry.status(error).type();
    if (type == fs::file_type::regular) return out_.files.push_back(name);
    if (type == fs::file_type::directory) {
      out_.folders.push_back(name);
      const std::string why = enter(entry.path(), name + "/");
      if (!why.empty()) out_.unread.push_back({name, why, true});
      return;
    }
    const bool leads_nowhere = type == fs::file_type::not_found || error;
    out_.unread.push_back({name, leads_nowhere ? "a broken link" : "a pipe or a device", false});
  }

  FolderListing out_;
  std::vector<FolderId> open_;  ///< the folder being read and those above it
};

}  // namespace

bool is_litter(std::string_view relative_name) {
  const auto parts = split(relative_name, '/');
  return std::any_of(parts.begin(), parts.end(), is_litter_part);
}

bool is_hidden(std::string_view relative_name) {
  const auto parts = split(relative_name, '/');
  return std::any_of(parts.begin(), parts.end(), [](const std::string& part) { return part.starts_with('.'); });
}

FolderListing list_folder(const fs::path& folder) { return Walk().of(folder); }

std::string file_head(const fs::path& file, std::size_t count) {
  std::string head(count, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(count));
  head.resize(static_cast<std::size_t>(in.gcount()));
  return head;
}

}  // namespace mien
