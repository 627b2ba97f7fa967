// SPDX-License-Identifier: Apache-2.0
#include "mien/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "mien/base/error.h"
#include "mien/base/stand_in.h"
#include "mien/base/text.h"

namespace mien {
namespace fs = std::filesystem;
namespace {

/// Opens for reading; refuses folders and anything that is not a plain file (a FIFO would block).
int open_plain(const fs::path& path, struct stat& info) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      throw Error(ErrorKind::missing, text(path.string(), ": no such file."), "Check the path.");
    fail_input(text(path.string(), ": cannot be opened (", std::strerror(errno), ")."), "Check its permissions.");
  }
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    const bool folder = S_ISDIR(info.st_mode);
    ::close(fd);
    fail_input(
        text(path.string(), folder ? ": is a folder, a file was expected." : ": is a pipe or a device, not a file."),
        folder ? "Name a file in it." : "Write its content into a file first.");
  }
  return fd;
}

fs::path dir_from(const char* own, const char* xdg, const char* below_home) {
  if (const char* value = std::getenv(own); value && *value) return value;
  if (const char* value = std::getenv(xdg); value && *value) return fs::path(value) / "mien";
  const char* home = std::getenv("HOME");
  return (home && *home ? fs::path(home) : fs::temp_directory_path()) / below_home / "mien";
}

}  // namespace

std::string read_file(const fs::path& path) {
  struct stat info {};
  const int fd = open_plain(path, info);
  std::string content(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t got = ::read(fd, content.data() + done, content.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  ::close(fd);
  check_input(done == content.size(), text(path.string(), ": could not be read to its end."));
  return content;
}

void write_file(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

void require_file(const fs::path& path, std::string_view what) {
  std::error_code error;
  if (!fs::exists(path, error))
    throw Error(ErrorKind::missing, text(path.string(), ": no such ", what, "."), "Check the path.");
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)) {
  static std::atomic<int> counter{0};
  std::error_code error;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  if (error)
    throw Error(ErrorKind::failed,
                text(path_.parent_path().string(), ": the folder cannot be made (", error.message(), ")."),
                "Choose a folder that you may write to.");
  // A name may have 255 bytes; the target's own may use them all.
  temporary_ = path_.parent_path() /
               text(".", path_.filename().string().substr(0, 200), ".", ::getpid(), ".", counter++, ".part");
  file_ = std::fopen(temporary_.c_str(), "wb+");
  if (!file_)
    throw Error(ErrorKind::failed, text(path_.string(), ": cannot be written (", std::strerror(errno), ")."),
                "Choose a folder that you may write to.");
}

AtomicFile::~AtomicFile() {
  if (!file_) return;
  std::fclose(file_);
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void AtomicFile::fail_write(const char* step) {
  throw Error(ErrorKind::failed, text(path_.string(), ": ", step, " failed (", std::strerror(errno), ")."),
              "Free some disk space or choose another folder.");
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  if (!bytes.empty() && std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail_write("writing");
  size_ += bytes.size();
}

void AtomicFile::write(std::string_view bytes) { write(std::as_bytes(std::span(bytes.data(), bytes.size()))); }

void AtomicFile::write_at(std::size_t offset, std::string_view bytes) {
  if (std::fseek(file_, static_cast<long>(offset), SEEK_SET) != 0 ||
      std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size() || std::fseek(file_, 0, SEEK_END) != 0)
    fail_write("writing");
}

void AtomicFile::commit() {
  if (std::fflush(file_) != 0 || ::fsync(::fileno(file_)) != 0) fail_write("writing");
  if (std::fclose(std::exchange(file_, nullptr)) != 0) fail_write("closing");
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    std::error_code ignored;
    fs::remove(temporary_, ignored);
    errno = reason;
    fail_write("renaming");
  }
}

MappedFile::MappedFile(const fs::path& path) {
  struct stat info {};
  const int fd = open_plain(path, info);
  size_ = static_cast<std::size_t>(info.st_size);
  if (size_ > 0) {
    void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    ::close(fd);
    check_input(mapped != MAP_FAILED, text(path.string(), ": cannot be mapped into memory."));
    data_ = static_cast<const std::byte*>(mapped);
  } else {
    ::close(fd);
  }
  try {
    refuse_stand_in({reinterpret_cast<const char*>(data_), size_}, path.string());
  } catch (...) {
    if (data_) ::munmap(const_cast<std::byte*>(data_), size_);
    throw;
  }
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(const_cast<std::byte*>(data_), size_);
}

fs::path user_data_dir() { return dir_from("MIEN_HOME", "XDG_DATA_HOME", ".local/share"); }
fs::path user_cache_dir() { return dir_from("MIEN_CACHE", "XDG_CACHE_HOME", ".cache"); }

}  // namespace mien
