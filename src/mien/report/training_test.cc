// SPDX-License-Identifier: Apache-2.0
#include "mien/report/training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mien::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Json row(const char* stage, int epoch, double accuracy) {
  return {{"stage", stage},
          {"epoch", epoch},
          {"loss", {{"cross_entropy", 2.0 / epoch}, {"<b>x</b>", 0.5}, {"total", 2.5}}},
          {"learning_rate", 0.1},
          {"valid", {{"accuracy", accuracy}, {"mean_recall", 0.5}, {"ece", 0.1}}},
          {"seconds", 90.0},
          {"images_per_second", 123.0}};
}

TEST(TrainingPage, NamesBestEpochTimeAndEveryLoss) {
  TrainingRecord r;
  r.name = "dan-x";
  r.state = RunState::done;
  r.epochs = {row("main", 1, 0.5), row("main", 2, 0.75), row("main", 3, 0.7)};
  r.provenance.samples = {{"train", 25060}, {"valid", 3191}};
  const std::string html = training_page(r).render();
  EXPECT_THAT(html, HasSubstr("75.00 %"));
  EXPECT_THAT(html, HasSubstr("in epoch 2"));
  EXPECT_THAT(html, HasSubstr("5 min"));  // 270 s
  EXPECT_THAT(html, HasSubstr("25,060 train, 3,191 valid"));
  EXPECT_THAT(html, HasSubstr("<h3>cross_entropy</h3>"));
  EXPECT_THAT(html, HasSubstr("<h3>Total loss</h3>"));
  EXPECT_THAT(html, HasSubstr("<h3>&lt;b&gt;x&lt;/b&gt;</h3>"));
  EXPECT_THAT(html, HasSubstr("<h3>Learning rate</h3>"));
  EXPECT_THAT(html, Not(HasSubstr("http-equiv=\"refresh\"")));
}

TEST(TrainingPage, WrongLabelsAreShownWhereTheyAreKnown) {
  TrainingRecord r;
  r.epochs = {row("main", 1, 0.5), row("main", 2, 0.5)};
  EXPECT_THAT(training_page(r).render(), Not(HasSubstr("Treatment of wrong labels")));
  r.epochs[1]["noise"] = {{"wrong", 300}, {"memorised", 0.6}, {"recovered", 0.3}};
  EXPECT_THAT(training_page(r).render(), HasSubstr("Treatment of wrong labels"));
}

TEST(TrainingPage, DrawsTheNumbersOfTheRecord) {
  TrainingRecord r;
  r.epochs = {row("main", 1, 0.5), row("main", 2, 0.5)};
  EXPECT_THAT(training_page(r).render(), Not(HasSubstr("Values that the method records")));
  r.epochs[0]["record"] = {{"clean_share", {{"weak", 0.5}, {"<i>", 0.25}}},
                           {"single", 3.5},
                           {"a_table", {{1, 2}, {3, 4}}},
                           {"words", "none"}};
  r.epochs[1]["record"] = {{"clean_share", {{"weak", 0.75}}}};
  const std::string html = training_page(r).render();
  EXPECT_THAT(html, HasSubstr("Values that the method records per epoch"));
  EXPECT_THAT(html, HasSubstr("<h3>clean share</h3>"));
  EXPECT_THAT(html, HasSubstr("&lt;i&gt;"));
  EXPECT_THAT(html, HasSubstr("<h3>single</h3>"));
  EXPECT_THAT(html, Not(HasSubstr("<h3>a table</h3>")));
  EXPECT_THAT(html, Not(HasSubstr("<h3>words</h3>")));
  r.epochs[0]["record"] = "not an object";
  r.epochs[1]["record"] = nullptr;
  EXPECT_THAT(training_page(r).render(), Not(HasSubstr("Values that the method records")));
}

TEST(TrainingPage, DrawsAveragePrecisionOfModelsThatFindBoxes) {
  TrainingRecord r;
  for (int epoch = 1; epoch <= 3; ++epoch) {
    r.epochs.push_back(row("main", epoch, 0));
    r.epochs.back()["valid"] = {{"map50", epoch == 2 ? 0.625 : 0.5}, {"map50_95", 0.25}};
  }
  const std::string html = training_page(r).render();
  EXPECT_THAT(html, HasSubstr("best validation mAP50"));
  EXPECT_THAT(html, HasSubstr("62.50 %"));
  EXPECT_THAT(html, HasSubstr("in epoch 2"));
  EXPECT_THAT(html, HasSubstr("<h3>Average precision</h3>"));
  EXPECT_THAT(html, HasSubstr("mAP50:95"));
  EXPECT_THAT(html, Not(HasSubstr("<h3>map50</h3>")));
}

TEST(TrainingPage, EpochsCountOnOverStages) {
  TrainingRecord r;
  r.epochs = {row("one", 1, 0.5), row("one", 2, 0.5), row("two", 1, 0.9)};
  EXPECT_THAT(training_page(r).render(), HasSubstr("in epoch 3"));
}

TEST(TrainingPage, StandsBeforeTheFirstEpochAndWithoutValidation) {
  TrainingRecord r;
  EXPECT_THAT(training_page(r).render(), HasSubstr("No epoch is complete yet."));
  EXPECT_THAT(training_page(r).render(), HasSubstr("http-equiv=\"refresh\""));
  r.epochs = {{{"epoch", 1}, {"loss", {{"total", "not a number"}}}}, Json::object()};
  r.state = RunState::failed;
  EXPECT_THAT(training_page(r).render(), HasSubstr("log.txt"));
}

TEST(TrainingPage, DrawsARatePerPlayerAndTheFiguresOfAStagesOwnScore) {
  TrainingRecord r;
  r.epochs = {row("inversion", 1, 0.5), row("inversion", 2, 0.5)};
  for (auto& epoch : r.epochs) {
    epoch["learning_rate"] = {{"encoder", 1e-4}, {"critic", 2e-4}};
    epoch["valid"] = {{"landmark_error", 0.5}};
  }
  const std::string html = training_page(r).render();
  EXPECT_THAT(html, HasSubstr("<h3>Learning rate</h3>"));
  EXPECT_THAT(html, HasSubstr("critic"));
  EXPECT_THAT(html, HasSubstr("<h3>landmark_error</h3>"));
}

TEST(TrainingPage, ShowsThePicturesOfTheMethod) {
  TrainingRecord r;
  r.epochs = {row("generator", 1, 0.5)};
  EXPECT_THAT(training_page(r).render(), Not(HasSubstr("Pictures of the method")));
  r.pictures = {{"data:image/png;base64,AAAA", "<samples>", "generator, epoch 1"}};
  const std::string html = training_page(r).render();
  EXPECT_THAT(html, HasSubstr("data:image/png;base64,AAAA"));
  EXPECT_THAT(html, HasSubstr("generator, epoch 1: &lt;samples&gt;"));
}

}  // namespace
}  // namespace mien::report
