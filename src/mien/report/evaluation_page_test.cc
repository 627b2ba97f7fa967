// SPDX-License-Identifier: Apache-2.0
#include "mien/report/evaluation_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/temp_dir.h"

namespace mien::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

pack::Pack two_classes(const testing::TempDir& dir, bool shown) {
  pack::PackInfo info;
  info.width = info.height = 2;
  info.classes = {"neutral", "<i>joy</i>"};
  info.data_set = "set";
  info.licence = "signed agreement";
  info.pictures_may_be_shown = shown;
  pack::PackWriter writer(dir / "p.pack", info);
  for (int i = 0; i < 4; ++i) {
    pack::Sample s;
    s.split = pack::Split::test;
    s.label = i % 2;
    s.distribution = {0.75f, 0.25f};
    s.has_votes = true;
    s.source = "a/<b>" + std::to_string(i) + ".png";
    writer.add(s, std::vector<std::uint8_t>(4, static_cast<std::uint8_t>(i)));
  }
  writer.commit();
  return pack::Pack(dir / "p.pack");
}

/// Always says the second class, surer from picture to picture: 0 and 2 are wrong.
score::Evaluation says_joy(const pack::Pack& pack, const score::Options& options = {}) {
  const score::Predictor predictor = [](std::span<const std::uint32_t> indices) {
    std::vector<float> logits;
    for (const auto i : indices) logits.insert(logits.end(), {0.0f, 1.0f + static_cast<float>(i)});
    return logits;
  };
  return score::evaluate(predictor, pack.info().classes, pack, pack::Split::test, options);
}

TEST(SurestMistakes, WrongOnesByConfidence) {
  const testing::TempDir dir;
  const auto pack = two_classes(dir, false);
  const auto e = says_joy(pack);
  ASSERT_EQ(e.outcomes.size(), 4u);
  const auto mistakes = surest_mistakes(e, 10);
  ASSERT_EQ(mistakes.size(), 2u);
  EXPECT_EQ(mistakes[0].picture, 2u);
  EXPECT_NEAR(mistakes[0].confidence, 1 / (1 + std::exp(-3.0)), 1e-6);
  EXPECT_EQ(mistakes[1].picture, 0u);
  EXPECT_EQ(surest_mistakes(e, 1).size(), 1u);
}

TEST(EvaluationPage, PicturesOnlyWhereTheTermsOrTheUserSayIt) {
  const testing::TempDir dir, open_dir;
  const auto closed = two_classes(dir, false), allowing = two_classes(open_dir, true);
  const auto e = says_joy(closed);
  const score::Facts facts{"runs/train/x/best.safetensors", "p.pack", "test", "single", "mien eval <x>", 0};
  const std::string without = evaluation_page(e, figures_of(e, 0), facts, closed, {}).render(),
                    asked = evaluation_page(e, figures_of(e, 0), facts, closed, {.thumbnails = true}).render(),
                    allowed = evaluation_page(e, figures_of(e, 0), facts, allowing, {}).render();
  EXPECT_THAT(without, Not(HasSubstr("<img")));
  EXPECT_THAT(without, HasSubstr("signed agreement"));
  EXPECT_THAT(without, HasSubstr("<td class=\"number\">25</td>"));  // a quarter of the raters saw joy
  EXPECT_THAT(asked, HasSubstr("<img src=\"data:image/png"));
  EXPECT_THAT(asked, HasSubstr("Do not share this page"));
  EXPECT_THAT(allowed, HasSubstr("<img src=\"data:image/png"));
  EXPECT_THAT(allowed, Not(HasSubstr("Do not share this page")));
  for (const auto& html : {without, asked, allowed}) {
    EXPECT_THAT(html, Not(HasSubstr("<i>")));
    EXPECT_THAT(html, Not(HasSubstr("<b>")));
    EXPECT_THAT(html, HasSubstr("x on set"));
    EXPECT_THAT(html, HasSubstr("mien eval &lt;x&gt;"));
  }
}

TEST(EvaluationPage, GroupsHaveATableOfTheirOwn) {
  const testing::TempDir dir;
  const auto pack = two_classes(dir, false);
  score::Options options;
  options.by = {score::Grouping::folder};
  const auto e = says_joy(pack, options);
  const std::string page = evaluation_page(e, figures_of(e, 0), {"x.onnx", "p.pack"}, pack, {}).render();
  EXPECT_THAT(page, HasSubstr("Accuracy by folder"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">a</th><td class=\"number\">4</td>"));
  EXPECT_THAT(page, HasSubstr("Mean over groups (1): 50.0"));
}

TEST(Figures, AsJson) {
  const testing::TempDir dir;
  const auto pack = two_classes(dir, false);
  const Json json = to_json(figures_of(says_joy(pack), 0), {"a", "b"});
  EXPECT_EQ(json.at("per_class").at("a").at("recall"), 0.0);
  EXPECT_TRUE(json.at("per_class").at("a").at("precision").is_null());  // never predicted
  EXPECT_EQ(json.at("per_class").at("b").at("precision"), 0.5);
  EXPECT_EQ(json.at("per_class").at("b").at("recall_interval").size(), 2u);
  // Surest first: right, wrong, right, wrong.
  ASSERT_EQ(json.at("risk_coverage").size(), 4u);
  EXPECT_EQ(json.at("risk_coverage")[2][0], 0.75);
  EXPECT_NEAR(json.at("risk_coverage")[2][1].get<double>(), 1.0 / 3, 1e-12);
  EXPECT_NEAR(json.at("aurc").get<double>(), (0 + 0.5 + 1.0 / 3 + 0.5) / 4, 1e-12);
}

}  // namespace
}  // namespace mien::report
