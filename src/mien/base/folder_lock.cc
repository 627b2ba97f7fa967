// SPDX-License-Identifier: Apache-2.0
#include "mien/base/folder_lock.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "mien/base/error.h"

namespace mien {

FolderLock::FolderLock(const std::filesystem::path& folder)
    : descriptor_(::open((folder / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0)
    throw Error(ErrorKind::failed, fmt::format("{}: cannot be written to ({}).", folder.string(), std::strerror(errno)),
                "Check its permissions.");
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  if (reason != EWOULDBLOCK) return;  // a file system without locks: continue without a lock
  ::close(descriptor_);
  throw Error(ErrorKind::failed, fmt::format("{}: another process is writing to this folder.", folder.string()),
              "Wait until it ends, or stop it first.");
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace mien
