// SPDX-License-Identifier: Apache-2.0
// Lists of pictures. The first byte chooses how numbers are read; the pictures a.png and b.png are there.
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "mien/base/error.h"
#include "mien/prepare/csv_list.h"

namespace {

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("mien-fuzz-" + std::to_string(::getpid()));
  std::unique_ptr<mien::prepare::FileTree> tree;
  Folder() {
    std::filesystem::create_directories(path / "images");
    for (const char* name : {"list.csv", "a.png", "images/b.png"}) std::ofstream(path / name) << "path,label\n";
    tree = mien::prepare::FileTree::open(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mien::prepare;
  static const Folder folder;
  static const std::array<LabelOrder, 3> orders = {LabelOrder(), LabelOrder::named("fer2013"), LabelOrder::named("affectnet")};
  if (size == 0) return 0;
  std::ofstream(folder.path / "list.csv", std::ios::binary).write(reinterpret_cast<const char*>(data + 1), static_cast<std::streamsize>(size - 1));
  try {
    find_list(*folder.tree);
    const Listing listing = read_list(*folder.tree, "list.csv", orders[data[0] % orders.size()]);
    for (const Item& item : listing.items)
      if (item.sample.label < -1 || item.sample.label > 7) std::abort();
  } catch (const mien::Error&) {
  }
  return 0;
}
