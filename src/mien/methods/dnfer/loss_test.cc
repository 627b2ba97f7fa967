// SPDX-License-Identifier: Apache-2.0
// Hand case and edges of card section 9.
#include "mien/methods/dnfer/loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/worst.h"

namespace mien::methods::dnfer {
namespace {

using testing::worst;

Selection dynamic(const DnferConfig& c, const at::Tensor& logits, const at::Tensor& labels) {
  const at::Tensor p = probabilities(logits);
  return select(c, p, labels, batch_thresholds(p));
}

/// The hand case: logits are the logarithms of the rows.
struct Hand {
  at::Tensor a =
      torch::tensor({{.7f, .2f, .1f}, {.25f, .6f, .15f}, {.3f, .3f, .4f}, {.5f, .4f, .1f}}).log().requires_grad_();
  at::Tensor b =
      torch::tensor({{.5f, .3f, .2f}, {.2f, .6f, .2f}, {.1f, .5f, .4f}, {.25f, .25f, .5f}}).log().requires_grad_();
  at::Tensor labels = torch::tensor({0, 2, 2, 1}, at::kLong);
  DnferConfig config;
  DnferLosses losses(bool warm = false) {
    return compute_losses(config, a, b, labels, dynamic(config, a, labels), dynamic(config, b, labels), warm);
  }
};

TEST(Selection, HandCase) {
  Hand h;
  const Selection a = dynamic(h.config, h.a, h.labels), b = dynamic(h.config, h.b, h.labels);
  EXPECT_LT(worst(a.thresholds, torch::tensor({.4375f, .375f, .1875f})), 1e-6);
  EXPECT_LT(worst(b.thresholds, torch::tensor({.2625f, .4125f, .325f})), 1e-6);
  EXPECT_TRUE(a.clean.equal(torch::tensor({true, false, true, true})));
  EXPECT_TRUE(b.clean.equal(torch::tensor({true, false, true, false})));
  EXPECT_FALSE(a.thresholds.requires_grad());
  EXPECT_NEAR(a.thresholds.sum().item<double>(), 1, 1e-6);
}

TEST(Losses, HandCase) {
  Hand h;
  const DnferLosses l = h.losses();
  EXPECT_NEAR(l.supervised_weak.item<double>(), 0.729752, 1e-6);
  EXPECT_NEAR(l.supervised_strong.item<double>(), 0.804719, 1e-6);
  EXPECT_NEAR(l.consistency.item<double>(), 0.509324, 1e-6);
  const at::Tensor total = 0.5 * l.supervised + 0.5 * l.consistency;
  EXPECT_NEAR(total.item<double>(), 0.638280, 1e-6);
  total.backward();
  EXPECT_LT(worst(h.a.grad(), torch::tensor({{.04280f, -.01906f, -.02374f},
                                             {.01851f, -.00137f, -.01714f},
                                             {.11096f, -.04824f, -.06272f},
                                             {.11556f, -.01600f, -.09956f}})),
            1e-5);
  EXPECT_LT(worst(h.b.grad(), torch::tensor({{-.13721f, .07249f, .06471f},
                                             {-.01753f, -.00140f, .01893f},
                                             {-.04600f, .13150f, -.08550f},
                                             {-.09950f, -.07141f, .17091f}})),
            1e-5);
  EXPECT_NEAR(h.losses(/*warm=*/true).supervised.item<double>(), 1.086443, 1e-6);
  const float bits[] = {0.25558f, 0.03685f, 0.46439f, 1.28048f};
  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(symmetric_kl(h.a.slice(0, i, i + 1), h.b.slice(0, i, i + 1), 2).item<double>(), bits[i], 1e-5);
}

TEST(Losses, TheMaskMayBeTheWeakViewsForBoth) {
  Hand h;
  h.config.mask = Mask::weak;
  // Rows 0, 2, 3 of b at their labels: .5, .4, .25
  EXPECT_NEAR(h.losses().supervised_strong.item<double>(), -(std::log(.5) + std::log(.4) + std::log(.25)) / 3, 1e-6);
}

TEST(Losses, FormsOfTheConsistency) {
  Hand h;
  h.config.log_base = LogBase::e;
  EXPECT_NEAR(h.losses().consistency.item<double>(), 0.509324 * std::log(2.0), 1e-6);
  h.config.consistency = Consistency::jensen_shannon;
  h.config.log_base = LogBase::two;
  const at::Tensor p = h.a.detach().exp(), q = h.b.detach().exp(), m = (p + q) / 2;
  const double js = ((p * (p / m).log() + q * (q / m).log()).sum(1).mean() / (2 * std::log(2.0))).item<double>();
  EXPECT_NEAR(h.losses().consistency.item<double>(), js, 1e-6);
  EXPECT_NEAR(jensen_shannon(torch::tensor({{0.f, -200.f}}), torch::tensor({{-200.f, 0.f}}), 2).item<double>(), 1,
              1e-6);
}

TEST(Losses, OneViewHasNoConsistency) {
  Hand h;
  const DnferLosses l = compute_losses(h.config, h.a, {}, h.labels, dynamic(h.config, h.a, h.labels), {}, false);
  EXPECT_NEAR(l.supervised.item<double>(), 0.729752, 1e-6);
  EXPECT_EQ(l.consistency.item<double>(), 0);
}

TEST(Selection, FixedAndNone) {
  Hand h;
  h.config.select = Select::fixed;
  h.config.fixed_threshold = 0.4;  // .7 .15 .4 .4 at the labels; float32's 0.4 on both sides
  EXPECT_TRUE(dynamic(h.config, h.a, h.labels).clean.slice(0, 0, 2).equal(torch::tensor({true, false})));
  h.config.fixed_threshold = 0.5;
  EXPECT_TRUE(dynamic(h.config, h.a, h.labels).clean.equal(torch::tensor({true, false, false, false})));
  h.config.select = Select::none;
  EXPECT_TRUE(dynamic(h.config, h.a, h.labels).clean.all().item<bool>());
}

TEST(Edges, NothingCleanMeansTheWholeBatch) {
  const DnferConfig config;
  const at::Tensor logits = torch::tensor({{.2f, .8f}, {.8f, .2f}}).log().requires_grad_(),
                   labels = torch::tensor({0, 1}, at::kLong);
  const Selection s = dynamic(config, logits, labels);
  EXPECT_LT(worst(s.thresholds, torch::tensor({.5f, .5f})), 1e-6);
  EXPECT_FALSE(s.clean.any().item<bool>());
  const at::Tensor loss = clean_cross_entropy(logits, labels, s.clean);
  EXPECT_NEAR(loss.item<double>(), 1.609438, 1e-6);
  loss.backward();
  EXPECT_TRUE(logits.grad().isfinite().all().item<bool>());
}

TEST(Edges, EqualProbabilitiesAreClean) {
  const DnferConfig config;
  const at::Tensor logits = at::zeros({4, 2}), labels = torch::tensor({0, 1, 1, 0}, at::kLong);
  const Selection s = dynamic(config, logits, labels);
  EXPECT_TRUE(s.clean.all().item<bool>());
  EXPECT_NEAR(clean_cross_entropy(logits, labels, s.clean).item<double>(), 0.693147, 1e-6);
}

TEST(Edges, ProbabilitiesAreClamped) {
  const at::Tensor p = probabilities(torch::tensor({{0.f, -200.f}}));
  EXPECT_FLOAT_EQ(p[0][1].item<float>(), 1e-8f);
  EXPECT_LE(p[0][0].item<float>(), 1);
}

TEST(Edges, UnderflowStaysFinite) {
  const at::Tensor a = torch::tensor({{0.f, -200.f}}).requires_grad_(),
                   b = torch::tensor({{0.f, 0.f}}).requires_grad_();
  const at::Tensor loss = symmetric_kl(a, b, 2);
  EXPECT_NEAR(loss.item<double>(), 144.2695, 1e-3);
  loss.backward();
  EXPECT_TRUE(a.grad().isfinite().all().item<bool>() && b.grad().isfinite().all().item<bool>());
}

TEST(Edges, EqualViewsHaveNoConsistencyAndNoGradient) {
  torch::manual_seed(1);
  const at::Tensor a = torch::randn({5, 4}).requires_grad_(), b = a.detach().clone().requires_grad_();
  const at::Tensor loss = symmetric_kl(a, b, 2);
  EXPECT_EQ(loss.item<double>(), 0);
  loss.backward();
  EXPECT_EQ(a.grad().abs().max().item<double>(), 0);
  EXPECT_EQ(b.grad().abs().max().item<double>(), 0);
}

TEST(Edges, OneSampleIsAlwaysClean) {
  torch::manual_seed(2);
  const DnferConfig config;
  for (int label = 0; label < 3; ++label)
    EXPECT_TRUE(dynamic(config, torch::randn({1, 3}) * 9, torch::tensor({label}, at::kLong)).clean.item<bool>());
}

// Card section 3, the gradient given for checks.
TEST(Edges, ConsistencysGradientIsTheFormula) {
  torch::manual_seed(3);
  const at::Tensor a = (torch::randn({6, 5}) * 2).requires_grad_(), b = torch::randn({6, 5});
  symmetric_kl(a, b, 2).backward();
  const at::Tensor log_p = at::log_softmax(a.detach(), 1), log_q = at::log_softmax(b, 1), p = log_p.exp(),
                   r = log_p - log_q;
  const at::Tensor expected = (p * (r - (p * r).sum(1, true)) + p - log_q.exp()) / (6 * std::log(2.0));
  EXPECT_LT(worst(a.grad(), expected), 1e-6);
}

}  // namespace
}  // namespace mien::methods::dnfer
