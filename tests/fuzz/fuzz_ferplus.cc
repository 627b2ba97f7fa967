// SPDX-License-Identifier: Apache-2.0
// FER+'s lists of votes. The first byte selects the rule and the list: label.csv of a part, or fer2013new.csv. The
// result must be a label of the eight classes with a distribution that sums to one.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "fuzz/memory_tree.h"
#include "mien/dataset/ferplus.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mien::dataset;
  static const std::string row = ".png,\"(0, 0, 48, 48)\",4,0,0,1,3,2,0,0,0,0\n";
  static mien::fuzz::MemoryTree tree({{"FER2013Train/a.png", ""},
                                      {"FER2013Train/b.png", ""},
                                      {"FER2013Train/label.csv", ""},
                                      {"FER2013Valid/c.png", ""},
                                      {"FER2013Valid/label.csv", "c" + row},
                                      {"FER2013Test/d.png", ""},
                                      {"FER2013Test/label.csv", "d" + row},
                                      {"fer2013new.csv", ""}});
  if (size == 0) return 0;
  const FerplusOptions options{static_cast<LabelRule>(data[0] % 3), data[0] / 3 % 2 == 1};
  tree.put(options.from_fer2013new ? "fer2013new.csv" : "FER2013Train/label.csv",
           {reinterpret_cast<const char*>(data + 1), size - 1});
  try {
    for (const Item& item : read_ferplus(tree, options).items) {
      double sum = 0;
      for (const float share : item.sample.distribution) sum += share;
      if (item.sample.label < 0 || item.sample.label > 7 || !(std::abs(sum - 1) < 1e-4)) std::abort();
    }
  } catch (const mien::Error&) {
  }
  return 0;
}
