// SPDX-License-Identifier: Apache-2.0
// Zips of data sets: the directory, then the content of the first entries. No unpacked file may exceed the allowed
// size.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "fuzz/memory_file.h"
#include "mien/base/error.h"
#include "mien/dataset/file_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const mien::fuzz::MemoryFile file;
  try {
    const auto tree = mien::dataset::FileTree::open(file.put({reinterpret_cast<const char*>(data), size}));
    for (std::size_t i = 0; i < std::min<std::size_t>(tree->files().size(), 8); ++i) {
      const std::string& name = tree->files()[i];
      if (!tree->contains(name)) std::abort();
      try {
        if (tree->read(name).size() / 1200 > size) std::abort();
      } catch (const mien::Error&) {
      }
    }
  } catch (const mien::Error&) {
  }
  return 0;
}
