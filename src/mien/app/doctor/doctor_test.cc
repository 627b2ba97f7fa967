// SPDX-License-Identifier: Apache-2.0
#include "mien/app/doctor/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "mien/app/doctor/doctor_checks.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace mien::app {
namespace {

using ::testing::HasSubstr;

/// Restores the environment variables for file locations after the test.
class DoctorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"MIEN_HOME", "MIEN_CACHE", "MIEN_MODEL"}) {
      const char* value = std::getenv(name);
      before_.emplace_back(name, value ? std::optional<std::string>(value) : std::nullopt);
      setenv(name, (dir_ / name).c_str(), 1);
    }
    unsetenv("MIEN_MODEL");
    std::filesystem::create_directories(dir_ / "MIEN_HOME/models");
  }
  void TearDown() override {
    for (const auto& [name, value] : before_) value ? setenv(name, value->c_str(), 1) : unsetenv(name);
  }
  testing::TempDir dir_;
  DoctorContext context_;
  std::vector<std::pair<const char*, std::optional<std::string>>> before_;
};

TEST_F(DoctorTest, MachineChecksSayWhatIsThere) {
  EXPECT_THAT(check_build(context_).detail, HasSubstr("GCC"));
  EXPECT_THAT(check_processor(context_).detail, HasSubstr(" core"));
  EXPECT_EQ(check_libraries(context_).status, CheckStatus::ok) << check_libraries(context_).detail;
  EXPECT_THAT(check_libraries(context_).detail, HasSubstr("OpenVINO 20"));
  EXPECT_THAT(check_memory(context_).detail, HasSubstr("GB available"));
  EXPECT_THAT(check_disk(context_).detail, HasSubstr("GB in"));
}

TEST_F(DoctorTest, CacheThatCannotBeWritten) {
  EXPECT_EQ(check_cache(context_).status, CheckStatus::ok);
  EXPECT_TRUE(std::filesystem::is_empty(dir_ / "MIEN_CACHE"));
  write_file(dir_ / "file", "x");
  setenv("MIEN_CACHE", (dir_ / "file").c_str(), 1);  // a file instead of a folder: not even root can write into it
  const auto r = check_cache(context_);
  EXPECT_EQ(r.status, CheckStatus::warning);
  EXPECT_THAT(r.remedy, HasSubstr("MIEN_CACHE"));
}

TEST_F(DoctorTest, DetectorsMissingAndChanged) {
  write_file(dir_ / "MIEN_HOME/models/centerface.onnx", "not it");
  const auto r = check_detectors(context_);
  EXPECT_EQ(r.status, CheckStatus::failed);
  EXPECT_THAT(r.detail, HasSubstr("face_mesh.tflite: not found"));
  EXPECT_THAT(r.detail, HasSubstr("centerface.onnx: not the expected file"));
  EXPECT_THAT(r.remedy, HasSubstr("Delete it"));
  EXPECT_THAT(r.remedy, HasSubstr("./mien setup"));
}

TEST_F(DoctorTest, ModelsAgainstTheirCards) {
  EXPECT_THROW(check_models(context_), Error);  // no model: the runner reports the exception as a failure
  write_file(dir_ / "MIEN_HOME/models/dan-ferplus.onnx", testing::tiny_model());
  EXPECT_EQ(check_models(context_).status, CheckStatus::ok);
  std::string changed = testing::tiny_model();
  changed[200] = static_cast<char>(changed[200] ^ 1);
  write_file(dir_ / "MIEN_HOME/models/other.onnx", changed);
  write_file(dir_ / "MIEN_HOME/models/cut.onnx", testing::tiny_model().substr(0, 300));
  const auto r = check_models(context_);
  EXPECT_EQ(r.status, CheckStatus::failed);
  EXPECT_THAT(r.detail, HasSubstr("other.onnx: the weights"));
  EXPECT_THAT(r.detail, HasSubstr("cut.onnx: the ONNX model is truncated"));
  EXPECT_FALSE(r.remedy.empty());
}

TEST_F(DoctorTest, LicencesThatAreMissing) {
  EXPECT_EQ(check_licences(context_).status, CheckStatus::warning);
  write_file(dir_ / "LICENSE", "words");
  write_file(dir_ / "THIRD_PARTY.md", "words");
  EXPECT_EQ(check_licences({dir_.path()}).status, CheckStatus::ok);
}

TEST_F(DoctorTest, LicencesSayEachTrainingSetOnce) {
  for (const char* name : {"one", "two"})
    write_file(dir_ / "MIEN_HOME/models" / (std::string(name) + ".onnx"), testing::tiny_model());
  const std::string detail = check_licences(context_).detail;
  ASSERT_THAT(detail, HasSubstr(" trained on "));
  EXPECT_EQ(detail.find(" trained on "), detail.rfind(" trained on ")) << detail;
}

TEST(Diagnose, ErrorsBecomeFailuresWithTheirRemedy) {
  const DoctorCheck checks[] = {
      {"good",
       [](const DoctorContext&) {
         return CheckResult{"", CheckStatus::ok, "fine", ""};
       }},
      {"bad", [](const DoctorContext&) -> CheckResult { fail_input("It is broken.", "Mend it."); }},
      {"worse", [](const DoctorContext&) -> CheckResult { throw std::runtime_error("odd"); }}};
  const auto d = diagnose({}, checks, std::chrono::seconds(60));
  ASSERT_EQ(d.checks.size(), 3u);
  EXPECT_FALSE(d.is_stuck);
  EXPECT_FALSE(d.is_well());
  EXPECT_EQ(to_json(d)["checks"][0], Json({{"name", "good"}, {"status", "ok"}, {"detail", "fine"}}));
  EXPECT_EQ(to_json(d)["checks"][1]["remedy"], "Mend it.");
  EXPECT_EQ(to_json(d)["checks"][2]["status"], "failed");
  EXPECT_EQ(to_text({{d.checks[0], d.checks[1]}, false}),
            "ok       good       fine\nfailed   bad        It is broken.\n                    → Mend it.\n");
}

TEST(Diagnose, ACheckThatHangsIsSaidSo) {
  static std::atomic<bool> go_on{false};
  const DoctorCheck checks[] = {{"slow",
                                 [](const DoctorContext&) {
                                   while (!go_on) std::this_thread::sleep_for(std::chrono::milliseconds(1));
                                   return CheckResult{};
                                 }},
                                {"next", [](const DoctorContext&) { return CheckResult{}; }}};
  const auto d = diagnose({}, checks, std::chrono::milliseconds(50));
  go_on = true;
  EXPECT_TRUE(d.is_stuck);
  EXPECT_TRUE(d.is_well());
  EXPECT_EQ(d.checks.at(0).status, CheckStatus::warning);
  EXPECT_THAT(d.checks.at(0).detail, HasSubstr("no result within"));
  EXPECT_THAT(d.checks.at(1).detail, HasSubstr("not checked"));
}

}  // namespace
}  // namespace mien::app
