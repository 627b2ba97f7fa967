// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/plugin_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/file.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mien::runtime {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// The working folder of the process, changed for one test.
class PluginFolder : public ::testing::Test {
 protected:
  void SetUp() override { fs::current_path(dir_.path()); }
  void TearDown() override { fs::current_path(before_); }
  fs::path before_ = fs::current_path();
  testing::TempDir dir_;
};

TEST_F(PluginFolder, IsAbsoluteAndHasTheCpuPlugin) {
  EXPECT_TRUE(openvino_folder().is_absolute());
  EXPECT_TRUE(fs::exists(openvino_folder() / "libopenvino_intel_cpu_plugin.so"));
}

TEST_F(PluginFolder, AFileOfAMissingPluginsNameIsRefused) {
  EXPECT_NO_THROW(check_plugin_lookup(dir_ / "libraries"));
  write_file(dir_ / "libopenvino_auto_batch_plugin.so", "not OpenVINO's");
  EXPECT_THAT(mien::testing::failure_of([&] { check_plugin_lookup(dir_ / "libraries"); }),
              HasSubstr("libopenvino_auto_batch_plugin.so"));
  write_file(dir_ / "libraries/libopenvino_auto_batch_plugin.so", "OpenVINO's own");
  EXPECT_NO_THROW(check_plugin_lookup(dir_ / "libraries"));
}

TEST_F(PluginFolder, TheCacheIsLeftAloneWhereOthersWeightsCouldBeRead) {
  EXPECT_TRUE(cache_is_safe());
  write_file(dir_ / ".bin", "weights of others");
  EXPECT_FALSE(cache_is_safe());
}

TEST_F(PluginFolder, ARemovedWorkingFolderHasNoPlugins) {
  fs::create_directory(dir_ / "gone");
  fs::current_path(dir_ / "gone");
  fs::remove(dir_ / "gone");
  EXPECT_NO_THROW(check_plugin_lookup(dir_ / "libraries"));
}

}  // namespace
}  // namespace mien::runtime
