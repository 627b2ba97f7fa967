// SPDX-License-Identifier: Apache-2.0
// The content of a folder and its subfolders. Only files that systems and tools leave behind are left out silently.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mien {

/// Whether a relative name has a part that a system or tool left behind: ".DS_Store", "._photo.jpg", "Thumbs.db",
/// "desktop.ini", "__MACOSX", ".ipynb_checkpoints", "@eaDir", ".git", ...
bool is_litter(std::string_view relative_name);
/// Whether a part of the relative name begins with a dot.
bool is_hidden(std::string_view relative_name);

/// Why a link to a folder above itself is not followed.
inline constexpr std::string_view kLinkBack = "a link back to a folder above it";

struct FolderListing {
  /// A name with the reason why it was not read: a folder without permission, a broken or circular link,
  /// a pipe or a device.
  struct Unread {
    std::string name, why;
    bool is_folder = false;
  };
  std::vector<std::string> files;    ///< relative to the folder, '/' between parts, in byte order; no hidden ones
  std::vector<std::string> folders;  ///< the same for folders, including empty ones
  std::vector<std::string> hidden;   ///< files and folders whose names begin with a dot, other than litter
  std::vector<Unread> unread;
};

/// All files below `folder`. Links to folders are followed, but never into a folder that is being read. Throws
/// bad_input if the folder itself cannot be read.
FolderListing list_folder(const std::filesystem::path& folder);

/// The first bytes of a file, at most `count`; empty if it cannot be read.
std::string file_head(const std::filesystem::path& file, std::size_t count);

}  // namespace mien
