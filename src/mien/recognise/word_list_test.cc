// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/word_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/file.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mien::recognise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string no_stdin() { throw std::logic_error("stdin is not to be read"); }

class WordListTest : public ::testing::Test {
 protected:
  std::string at(const std::string& name) const { return (dir_ / name).string(); }
  mien::testing::TempDir dir_;
};

TEST_F(WordListTest, AListGivesItsNamesInItsPlace) {
  write_file(at("sub/a.jpg"), "x");
  write_file(at("sub/list.txt"),
             "\xEF\xBB\xBF"
             "a.jpg\r\n\n# not this one\n  /abs/b.jpg  \n");
  const auto named = named_pictures({"first.jpg", at("sub/list.txt"), "last"}, no_stdin);
  EXPECT_THAT(named.words, ElementsAre("first.jpg", at("sub/a.jpg"), "/abs/b.jpg", "last"));
  EXPECT_TRUE(named.piped.empty());
}

TEST_F(WordListTest, AListThatNamesNothingIsRefused) {
  write_file(at("notes.txt"), "a shopping list\n");
  const auto error = mien::testing::error_of([&] { named_pictures({at("notes.txt")}, no_stdin); });
  EXPECT_EQ(error.kind(), ErrorKind::bad_input);
  EXPECT_THAT(error.message(), HasSubstr("without any path of an existing picture"));
}

TEST_F(WordListTest, StdinIsAListOrAPicture) {
  write_file(at("a b.jpg"), "x");
  EXPECT_THAT(named_pictures({"-"}, [&] { return at("a b.jpg") + "\n"; }).words, ElementsAre(at("a b.jpg")));
  const std::string zero(1, '\0');
  EXPECT_THAT(named_pictures({"-"}, [&] { return at("a b.jpg") + zero; }).words, ElementsAre(at("a b.jpg")));
  const auto named = named_pictures({"-"}, [] { return std::string("\xFF\xD8\xFF\xE0 and so on"); });
  EXPECT_TRUE(named.words.empty());
  ASSERT_EQ(named.piped.size(), 1u);
  EXPECT_EQ(named.piped[0].path, "stdin");
}

}  // namespace
}  // namespace mien::recognise
