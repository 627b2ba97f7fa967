// SPDX-License-Identifier: Apache-2.0
// Lists of pictures. The first byte selects how numbers are read; the pictures a.png and b.png exist.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "fuzz/memory_tree.h"
#include "mien/dataset/csv_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mien::dataset;
  static mien::fuzz::MemoryTree tree({{"list.csv", ""}, {"a.png", ""}, {"images/b.png", ""}});
  static const std::array<LabelOrder, 3> orders = {LabelOrder(), LabelOrder::named("fer2013"),
                                                   LabelOrder::named("affectnet")};
  if (size == 0) return 0;
  tree.put("list.csv", {reinterpret_cast<const char*>(data + 1), size - 1});
  try {
    find_lists(tree);
    for (const Item& item : read_lists(tree, {{"list.csv", {}}}, orders[data[0] % orders.size()]).items)
      if (item.sample.label < -1 || item.sample.label > 7) std::abort();
  } catch (const mien::Error&) {
  }
  return 0;
}
