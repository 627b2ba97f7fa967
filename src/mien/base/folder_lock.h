// SPDX-License-Identifier: Apache-2.0
// One writer per folder: two processes that continue the same run would write over each other.
#pragma once

#include <filesystem>

namespace mien {

/// Holds FOLDER/.lock until destruction or the end of the process, however it ends.
class FolderLock {
 public:
  /// Throws failed where another process holds it or the folder may not be written to.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace mien
