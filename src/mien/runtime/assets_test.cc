// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/assets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "support/errors.h"
#include "support/temp_dir.h"
#include "support/variable.h"

namespace mien::runtime {
namespace {

using testing::error_of;
using testing::Variable;

TEST(Assets, Sha256OfTheStandardsExample) {
  const std::string abc = "abc";  // FIPS 180-2, B.1
  EXPECT_EQ(sha256(std::as_bytes(std::span(abc))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Assets, EveryFileHasAPinAndALicence) {
  EXPECT_GE(assets().size(), 5u);
  for (const auto& a : assets()) {
    EXPECT_EQ(a.sha256.size(), 64u) << a.path;
    EXPECT_GT(a.bytes, 0) << a.path;
    EXPECT_FALSE(a.licence.empty()) << a.path;
    EXPECT_THAT(a.path, ::testing::AnyOf(::testing::StartsWith("models/"), ::testing::StartsWith("samples/")));
  }
}

TEST(Assets, MissingAndChangedFilesNameTheRemedy) {
  const testing::TempDir dir;
  const Variable home("MIEN_HOME", dir.path().string());
  const Error missing = error_of([] { require_asset("models/centerface.onnx"); });
  EXPECT_EQ(missing.kind(), ErrorKind::missing);
  EXPECT_THAT(missing.remedy(), ::testing::HasSubstr("./mien setup"));
  write_file(dir / "models/centerface.onnx", "something else");
  const Error changed = error_of([] { require_asset("models/centerface.onnx"); });
  EXPECT_EQ(changed.kind(), ErrorKind::bad_input);
  EXPECT_THAT(changed.message(), ::testing::HasSubstr("SHA-256"));
  EXPECT_EQ(error_of([] { require_asset("models/unknown"); }).kind(), ErrorKind::failed);
}

TEST(Assets, DefaultModelIsFoundInOrder) {
  const testing::TempDir dir;
  const Variable home("MIEN_HOME", (dir / "home").string());
  {
    const Variable named("MIEN_MODEL", "");
    EXPECT_EQ(error_of([] { find_default_model(""); }).kind(), ErrorKind::missing);
    write_file(dir / "home/models/dan-ferplus.onnx", "x");
    EXPECT_EQ(find_default_model(""), dir / "home/models/dan-ferplus.onnx");
    write_file(dir / "source/models/dan-ferplus.onnx", "x");
    EXPECT_EQ(find_default_model(dir / "source"), dir / "source/models/dan-ferplus.onnx");
  }
  {
    const Variable named("MIEN_MODEL", (dir / "mine.onnx").string());
    EXPECT_THAT(error_of([] { find_default_model(""); }).message(), ::testing::HasSubstr("MIEN_MODEL"));
    write_file(dir / "mine.onnx", "x");
    EXPECT_EQ(find_default_model(""), dir / "mine.onnx");
  }
}

}  // namespace
}  // namespace mien::runtime
