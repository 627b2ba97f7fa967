// SPDX-License-Identifier: Apache-2.0
#include "mien/face/provenance.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"

namespace mien::face {
namespace {

// The entries and their order as earlier versions wrote them into checkpoints and cards.
constexpr const char* kRun =
    R"({"data_set":"FER+","licence":"","label_rule":"majority","data_hash":"0a","samples":{"train":5,"valid":2,)"
    R"("test":0},"seed":0,"git_revision":"abc","command":"mien train a.toml")";
constexpr const char* kRecipe =
    R"(,"recipe":"a","lineage":[{"part":"backbone","file":"net.pth","hash":"0b","data_set":"","licence":"MIT"}])";
constexpr const char* kOwnPacks =
    R"(,"own_packs":[{"stage":"generator","data_set":"faces","licence":"MIT","data_hash":"0c"}])";
constexpr const char* kImport =
    R"({"data_set":"unknown","licence":"MIT","label_rule":"unknown","samples":{},)"
    R"("imported_from":"dan.pth","source_hash":"0d","git_revision":"abc","command":"mien import dan.pth"})";

Provenance read(const std::string& json) { return provenance_from_json(parse_json(json, "test"), "test"); }

TEST(Provenance, ARecordKeepsItsBytes) {
  const std::string run(kRun);
  for (const auto& record : {run + "}", run + kRecipe + "}", run + kRecipe + kOwnPacks + "}", std::string(kImport)})
    EXPECT_EQ(compact(to_json(read(record))), record);
  EXPECT_EQ(compact(to_json(Provenance{})), "{}");
  EXPECT_EQ(read("{}"), Provenance{});
}

TEST(Provenance, ACardHasOwnEntriesForRecipeAndLineage) {
  const std::string run(kRun);
  EXPECT_EQ(compact(card_entry(read(run + kRecipe + kOwnPacks + "}"))), run + kOwnPacks + "}");
}

TEST(Provenance, MembersHaveTheValuesOfTheEntries) {
  const Provenance p = read(std::string(kRun) + kRecipe + kOwnPacks + "}");
  EXPECT_EQ(p.data_set, "FER+");
  EXPECT_EQ(p.data_hash, "0a");
  EXPECT_EQ(samples_in(p, "valid"), 2);
  EXPECT_EQ(samples_in(p, "none"), 0);
  EXPECT_EQ(p.seed, 0);
  EXPECT_EQ(p.recipe, "a");
  EXPECT_EQ(p.lineage, (std::vector<Ancestor>{{"backbone", "net.pth", "0b", "", "MIT"}}));
  EXPECT_EQ(p.own_packs, (std::vector<StagePack>{{"generator", "faces", "MIT", "0c"}}));
  EXPECT_FALSE(read(kImport).seed);
  EXPECT_EQ(read(kImport).source_hash, "0d");
}

TEST(Provenance, EntriesOfTheWrongTypeAreRefused) {
  for (const char* wrong :
       {"[]", R"({"data_set":1})", R"({"samples":[3]})", R"({"samples":{"train":"3"}})", R"({"seed":0.5})",
        R"({"lineage":{}})", R"({"lineage":[{"part":"network"}]})", R"({"own_packs":[{"stage":"a"}]})"})
    EXPECT_THROW(read(wrong), Error) << wrong;
}

TEST(Environment, KeepsItsBytesAndMayLackEntries) {
  const std::string json =
      R"({"mien":"0.1.0","revision":"abc","torch":"2.0","processor":"x","threads":2,"cuda":false})";
  EXPECT_EQ(compact(to_json(environment_from_json(parse_json(json, "test"), "test"))), json);
  EXPECT_EQ(environment_from_json(Json::object(), "test").threads, 0);
  EXPECT_THROW(environment_from_json({{"threads", "two"}}, "test"), Error);
}

}  // namespace
}  // namespace mien::face
