// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/label_rule.h"

#include <gtest/gtest.h>

namespace mien::dataset {
namespace {

using face::Expression;

float share(const RuleResult& r, Expression e) { return r.kept->distribution[static_cast<std::size_t>(e)]; }
Expression label(const RuleResult& r) { return static_cast<Expression>(r.kept->label); }

// Columns: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, NF.

TEST(LabelRule, MajorityNeedsMoreThanHalfOfWhatIsLeft) {
  // 5 of 5 + 4: more than half (single vote removed).
  const auto r = apply_rule(LabelRule::majority, {0, 5, 0, 0, 0, 4, 0, 1, 0, 0});
  ASSERT_TRUE(r.kept);
  EXPECT_EQ(label(r), Expression::happiness);
  EXPECT_FLOAT_EQ(share(r, Expression::happiness), 0.5f);  // raw votes, including the single one
  EXPECT_FLOAT_EQ(share(r, Expression::contempt), 0.1f);
  // 5 of 10 is exactly half: unknown.
  EXPECT_FALSE(apply_rule(LabelRule::majority, {0, 5, 0, 0, 0, 5, 0, 0, 0, 0}).kept);
}

TEST(LabelRule, UnknownAndNoFaceAreLeftOut) {
  EXPECT_EQ(apply_rule(LabelRule::majority, {2, 0, 0, 0, 0, 0, 0, 0, 8, 0}).reason, LeftOut::unknown);
  EXPECT_EQ(apply_rule(LabelRule::majority, {0, 0, 0, 0, 0, 0, 0, 0, 0, 10}).reason, LeftOut::no_face);
  for (const auto rule : {LabelRule::majority, LabelRule::probability, LabelRule::multi_target})
    EXPECT_FALSE(apply_rule(rule, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}).kept);
}

TEST(LabelRule, ProbabilityTakesColumnsUntilThreeQuarters) {
  // S = 10: 5, then 3 (8 of 10 ≥ 7.5): two columns, 5/8 and 3/8; the 2 of fear are left out.
  const auto r = apply_rule(LabelRule::probability, {5, 0, 0, 3, 0, 0, 2, 0, 0, 0});
  ASSERT_TRUE(r.kept);
  EXPECT_EQ(label(r), Expression::neutral);
  EXPECT_FLOAT_EQ(share(r, Expression::neutral), 0.625f);
  EXPECT_FLOAT_EQ(share(r, Expression::sadness), 0.375f);
  EXPECT_FLOAT_EQ(share(r, Expression::fear), 0);
}

TEST(LabelRule, ProbabilityStopsAtUnknown) {
  // 4 neutral, then unknown with 4: stop; 4 of 10 covered is not more than half.
  EXPECT_FALSE(apply_rule(LabelRule::probability, {4, 0, 0, 2, 0, 0, 0, 0, 4, 0}).kept);
  // 6 of 10 before unknown (4): kept, neutral only.
  const auto r = apply_rule(LabelRule::probability, {6, 0, 0, 0, 0, 0, 0, 0, 4, 0});
  ASSERT_TRUE(r.kept);
  EXPECT_FLOAT_EQ(share(r, Expression::neutral), 1);
  // Five equal columns are too many.
  EXPECT_FALSE(apply_rule(LabelRule::probability, {2, 2, 2, 2, 2, 0, 0, 0, 0, 0}).kept);
}

TEST(LabelRule, MultiTargetTakesEveryColumnFromThreeTenths) {
  // S = 10: 4, 3, 3 all ≥ 3.
  const auto r = apply_rule(LabelRule::multi_target, {0, 3, 4, 0, 3, 0, 0, 0, 0, 0});
  ASSERT_TRUE(r.kept);
  EXPECT_EQ(label(r), Expression::surprise);
  EXPECT_FLOAT_EQ(share(r, Expression::surprise), 0.4f);
  EXPECT_FLOAT_EQ(share(r, Expression::anger), 0.3f);
  // Only one column reaches 3 of 10, and that is no more than half.
  EXPECT_FALSE(apply_rule(LabelRule::multi_target, {3, 2, 2, 2, 0, 0, 0, 0, 0, 0}).kept);
  // Unknown among the targets: its share is dropped, the rest is normalised.
  const auto u = apply_rule(LabelRule::multi_target, {0, 6, 0, 0, 0, 0, 0, 0, 4, 0});
  ASSERT_TRUE(u.kept);
  EXPECT_FLOAT_EQ(share(u, Expression::happiness), 1);
}

TEST(LabelRule, CanonicalOrderOfVotes) {
  EXPECT_EQ(canonical({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), (Votes{0, 1, 3, 2, 6, 5, 4, 7, 8, 9}));
  EXPECT_EQ(label_rule_from(" Majority"), LabelRule::majority);
  EXPECT_FALSE(label_rule_from("majrity"));
}

}  // namespace
}  // namespace mien::dataset
