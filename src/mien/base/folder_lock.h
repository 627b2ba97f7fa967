// SPDX-License-Identifier: Apache-2.0
// One writer per folder: two processes that continue the same run would overwrite each other's files.
#pragma once

#include <filesystem>

namespace mien {

/// Holds FOLDER/.lock until destruction or the end of the process, normal or not.
class FolderLock {
 public:
  /// Throws failed if another process holds the lock or the folder is not writable.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace mien
