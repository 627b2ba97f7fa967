// SPDX-License-Identifier: Apache-2.0
#include "mien/base/file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "mien/base/error.h"
#include "mien/base/stand_in.h"

namespace mien {
namespace fs = std::filesystem;
namespace {

/// Opens for reading; refuses folders and anything that is not a plain file (a FIFO would block).
int open_plain(const fs::path& path, struct stat& info) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG) fail_missing(path, "file");
    fail_input(fmt::format("{}: cannot be opened ({}).", path.string(), std::strerror(errno)),
               "Check its permissions.");
  }
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    const bool folder = S_ISDIR(info.st_mode);
    ::close(fd);
    fail_input(
        fmt::format("{}{}", path.string(),
                    folder ? ": this is a folder, expected a file." : ": this is a pipe or a device, expected a file."),
        folder ? "Give a file in this folder." : "Save its content to a file first.");
  }
  return fd;
}

/// $HOME, otherwise the home folder of the user's account. In a shared folder such as /tmp, others could place files.
fs::path home_dir() {
  if (const char* home = std::getenv("HOME"); home && *home) return home;
  const passwd* const account = ::getpwuid(::geteuid());
  return account && account->pw_dir && *account->pw_dir ? account->pw_dir : "/nonexistent";
}

fs::path dir_from(const char* own, const char* xdg, const char* below_home) {
  if (const char* value = std::getenv(own); value && *value) return value;
  if (const char* value = std::getenv(xdg); value && *value) return fs::path(value) / "mien";
  return home_dir() / below_home / "mien";
}

/// "https://example.org/a.jpg": a scheme (RFC 3986, section 3.1) and two slashes.
bool is_address(std::string_view path) {
  const auto colon = path.find("://");
  return colon != std::string_view::npos && colon > 1 &&
         std::all_of(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-' || c == '.'; });
}

[[noreturn]] void fail_look_up(const fs::path& path, const std::error_code& error) {
  if (error == std::errc::too_many_symbolic_link_levels)
    throw Error(ErrorKind::missing, fmt::format("{}: this link points to itself.", path.string()),
                "Remove the link, or make it point to a file.");
  if (error == std::errc::filename_too_long)
    throw Error(ErrorKind::missing, fmt::format("{}: the path is longer than the file system allows.", path.string()),
                "Check the path.");
  fail_input(fmt::format("{}: cannot be accessed ({}).", path.string(), error.message()),
             "Check the permissions of the parent folders.");
}

fs::file_status status_of(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::none) fail_look_up(path, error);
  return status;
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
  check_input(done == content.size(), fmt::format("{}: could not be read completely.", path.string()));
  return content;
}

void write_file(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

void require_file(const fs::path& path, std::string_view what) {
  if (!path_exists(path)) fail_missing(path, what);
}

void fail_missing(const fs::path& path, std::string_view what) {
  const std::string name = path.string();
  if (name.starts_with("file://"))
    throw Error(ErrorKind::missing, fmt::format("{}: this is a URL, expected a path.", name),
                fmt::format("Write {}.", name.substr(7)));
  if (is_address(name))
    throw Error(ErrorKind::missing, fmt::format("{}: this is a URL. mien does not download anything.", name),
                "Download the file first and give its path.");
  std::error_code error;
  if (fs::status(path, error).type() == fs::file_type::none) fail_look_up(path, error);
  throw Error(ErrorKind::missing, fmt::format("{}: no such {}.", name, what), "Check the path.");
}

bool path_exists(const fs::path& path) { return fs::exists(status_of(path)); }
bool path_is_folder(const fs::path& path) { return fs::is_directory(status_of(path)); }

fs::path whole_path(const fs::path& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (error) return path.lexically_normal();
  const fs::path whole = fs::weakly_canonical(absolute, error);
  return error ? absolute.lexically_normal() : whole;
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)) {
  static std::atomic<int> counter{0};
  std::error_code error;
  const fs::file_status now = fs::status(path_, error);
  if (fs::exists(now) && !fs::is_regular_file(now))  // a rename would replace /dev/null itself
    throw Error(ErrorKind::failed,
                fmt::format("{}: {}, expected the name of a file to write.", path_.string(),
                            fs::is_directory(now) ? "a folder" : "a device or a pipe"),
                "Give the name of a file.");
  error.clear();
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  if (error)
    throw Error(ErrorKind::failed,
                fmt::format("{}: the folder cannot be created ({}).", path_.parent_path().string(), error.message()),
                "Choose a folder that you can write to.");
  // A name may have up to 255 bytes; the target's own name may use all of them.
  temporary_ = path_.parent_path() /
               fmt::format(".{}.{}.{}.part", path_.filename().string().substr(0, 200), ::getpid(), counter++);
  file_ = std::fopen(temporary_.c_str(), "wb+");
  if (!file_)
    throw Error(ErrorKind::failed, fmt::format("{}: cannot be written ({}).", path_.string(), std::strerror(errno)),
                "Choose a folder that you can write to.");
}

AtomicFile::~AtomicFile() {
  if (!file_) return;
  std::fclose(file_);
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void AtomicFile::fail_write(const char* step) {
  throw Error(ErrorKind::failed, fmt::format("{}: {} failed ({}).", path_.string(), step, std::strerror(errno)),
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
    check_input(mapped != MAP_FAILED, fmt::format("{}: cannot be mapped into memory.", path.string()));
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
