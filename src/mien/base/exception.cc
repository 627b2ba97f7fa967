// SPDX-License-Identifier: Apache-2.0
#include "mien/base/exception.h"

#include <fmt/core.h>

#include <exception>
#include <filesystem>
#include <new>
#include <system_error>

namespace mien {
namespace {

Error from_file_system(const std::filesystem::filesystem_error& error) {
  const std::string reason = error.code().message();
  if (error.path1().empty())
    return Error(ErrorKind::failed, fmt::format("The working folder is not usable ({}).", reason),
                 "Start mien in a folder that exists and that you can read.");
  return Error(ErrorKind::failed, fmt::format("{}: not usable ({}).", error.path1().string(), reason),
               "Check the permissions of the path and of its parent folders.");
}

}  // namespace

Error current_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::filesystem::filesystem_error& error) {
    return from_file_system(error);
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::failed, "Out of memory.", "Close other programs, or process less data at once.");
  } catch (const std::system_error& error) {
    return Error(ErrorKind::failed, fmt::format("The system refused a request ({}).", error.what()),
                 "Check the limits of this process: threads, open files, memory.");
  } catch (const std::exception& error) {
    return Error(ErrorKind::failed, error.what());
  } catch (...) {
    return Error(ErrorKind::failed, "A library failed without a message.");
  }
}

}  // namespace mien
