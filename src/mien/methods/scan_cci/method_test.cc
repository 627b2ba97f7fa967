// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "mien/methods/scan_cci/config.h"
#include "mien/methods/scan_cci/network.h"
#include "mien/nn/state.h"
#include "support/method_case.h"

namespace mien::methods::scan_cci {

testing::MethodCase method_case();

namespace {

// Card section 2: three state dicts with these names hold the whole network.
TEST(ScanCciMethod, TheThreeDictionariesOfTheReferenceCoverTheNetwork) {
  auto method = testing::build(*make_config(), method_case(), {});
  const auto parts = method->import_rules().parts;
  ASSERT_EQ(parts.size(), 3u);
  for (const auto& [key, value] : nn::state_of(method->network()))
    EXPECT_EQ(std::count_if(parts.begin(), parts.end(),
                            [&](const nn::DictPart& part) {
                              return part.entry == part.prefix.substr(0, part.prefix.size() - 1) + "_state_dict" &&
                                     key.starts_with(part.prefix);
                            }),
              1)
        << key;
}

TEST(ScanCciMethod, BeginsFromTheBaseOfAnotherRun) {
  const auto config = make_config();
  const auto taken = testing::backbone_of_another_run(*config, method_case(), "base.");
  EXPECT_EQ(taken.fault, "");
  EXPECT_GT(taken.entries, 50);
}

}  // namespace
}  // namespace mien::methods::scan_cci
