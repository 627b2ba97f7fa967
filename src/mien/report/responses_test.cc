// SPDX-License-Identifier: Apache-2.0
#include "mien/report/responses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace mien::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

pack::Pack three_pictures(const testing::TempDir& dir) {
  pack::PackInfo info;
  info.width = info.height = 2;
  info.classes = {"neutral", "joy"};
  info.data_set = "set";
  info.licence = "signed agreement";
  pack::PackWriter writer(dir / "p.pack", info);
  for (int i = 0; i < 3; ++i) {
    pack::Sample s;
    s.split = pack::Split::test;
    s.label = i % 2;
    s.source = "a" + std::to_string(i) + ".png";
    writer.add(s, std::vector<std::uint8_t>(4, static_cast<std::uint8_t>(i)));
  }
  writer.commit();
  return pack::Pack(dir / "p.pack");
}

Responses some_responses() {
  const auto norms = face::face_values("latent_norms", "length of each", "real", {"latent 1", "latent 2"});
  const face::OutputSpec feature{"expression", "the expression feature", "real"};
  const auto typical = face::face_values("class_norms", "the class's", "real", {"latent 1", "latent 2"});
  Responses r;
  r.pictures = {0, 1, 2};
  for (const auto& [a, b] : {std::pair{0.5f, 7.25f}, {3.5f, 0.25f}, {3.5f, 9.0f}}) {
    r.add(norms, {a, b});
    r.add(typical, {a, b});
    r.add(feature, {a, b, a + b});
  }
  return r;
}

TEST(Strongest, ByValueThenByPlace) {
  const auto r = some_responses();
  ASSERT_EQ(r.outputs.size(), 3u);
  EXPECT_EQ(strongest(r.outputs[0], 0, 2), (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(strongest(r.outputs[0], 1, 9), (std::vector<std::size_t>{2, 0, 1}));
}

// Labels 0, 1, 0: the first number is 0.5, 3.5, 3.5 (means 2 and 3.5), the second 7.25, 0.25, 9.
TEST(Means, OfGroupsAndShareOfTheClasses) {
  const testing::TempDir dir;
  const auto pack = three_pictures(dir);
  const auto r = some_responses();
  EXPECT_EQ(mean_over(r, r.outputs[0], {0, 2}), (std::vector<double>{2, 8.125}));
  EXPECT_NEAR(share_between_classes(r, r.outputs[0], 0, pack), 0.25, 1e-9);  // 0.5 of 2
  EXPECT_GT(share_between_classes(r, r.outputs[0], 1, pack), 0.9);
  Responses constant;
  constant.pictures = {0, 1};
  constant.add({"gate", "", "0..1"}, {2});
  constant.add({"gate", "", "0..1"}, {2});
  EXPECT_EQ(share_between_classes(constant, constant.outputs[0], 0, pack), 0);
}

TEST(ResponsesOnAPage, MeansOfNamedValuesByGroup) {
  const testing::TempDir dir;
  const auto pack = three_pictures(dir);
  const score::Breakdown yaw{"yaw", "yaw, degrees", {{"-30", {0, 2}, 1}, {"30", {1}, 0}}, 0};
  report::Page page("Evaluation", "x");
  add_responses(page, some_responses(), pack, {yaw}, true);
  const std::string html = page.render();
  EXPECT_THAT(html, HasSubstr("Mean latent norms by yaw, degrees"));
  EXPECT_THAT(html, HasSubstr("8.12"));  // of -30
  EXPECT_THAT(html, HasSubstr("0.250"));
  EXPECT_THAT(html, HasSubstr("The channels whose means differ most between the classes"));
}

TEST(ResponsesOnAPage, OneSectionPerOutputOfThePicture) {
  const testing::TempDir dir;
  const auto pack = three_pictures(dir);
  report::Page with("Evaluation", "x"), without("Evaluation", "x"), nothing("Evaluation", "x");
  add_responses(with, some_responses(), pack, {}, true);
  add_responses(without, some_responses(), pack, {}, false);
  add_responses(nothing, {}, pack, {}, true);
  for (const auto& html : {with.render(), without.render()}) {
    EXPECT_THAT(html, HasSubstr("Largest latent norms"));
    EXPECT_THAT(html, Not(HasSubstr("class norms")));
    EXPECT_THAT(html, HasSubstr("Pictures by expression"));
    EXPECT_THAT(html, HasSubstr("mean of joy"));
    EXPECT_THAT(html, HasSubstr("9.00"));
  }
  EXPECT_THAT(with.render(), HasSubstr("<img src=\"data:image/png"));
  EXPECT_THAT(without.render(), Not(HasSubstr("<img")));
  EXPECT_THAT(without.render(), HasSubstr("signed agreement"));
  EXPECT_THAT(nothing.render(), Not(HasSubstr("Largest")));
}

}  // namespace
}  // namespace mien::report
