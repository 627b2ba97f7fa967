// SPDX-License-Identifier: Apache-2.0
#include "mien/app/completion/completion.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace {

using mien::app::CommandInfo;
using mien::app::value_info;
using mien::app::ValueKind;

/// A program with a group of commands, a flag, and values of several kinds.
CommandInfo sample() {
  CLI::App app("Looks at things", "mien");
  static std::string word;
  static std::vector<std::string> words;
  static bool flag = false;
  CLI::App* look = app.add_subcommand("look", "Look at it's pictures: [all]");
  look->add_option("pictures", words, "Pictures")->type_name("IMAGE…");
  look->add_option("-o,--out", word, "Folder")->type_name("DIR");
  look->add_option("--format", word, "Format")->check(CLI::IsMember({"table", "json"}));
  look->add_option("--model", word, "Model")->type_name("MODEL");
  look->add_flag("--json", flag, "As JSON");
  look->add_option("--secret", word, "Hidden")->group("");
  CLI::App* data = app.add_subcommand("data", "Data");
  data->add_subcommand("pack", "Pack")->add_option("data", word, "Data")->type_name("PATH");
  app.add_subcommand("hidden", "Hidden")->group("");
  return mien::app::command_tree(app);
}

TEST(CompletionTest, TypeNamesDecideTheKind) {
  EXPECT_EQ(value_info("DIR").kind, ValueKind::folder);
  EXPECT_EQ(value_info("IMAGE…").kind, ValueKind::file);
  EXPECT_EQ(value_info("MODEL,…").kind, ValueKind::model);
  EXPECT_EQ(value_info("INT:INT in [1 - 8]").kind, ValueKind::text);
  const auto choice = value_info("TEXT:{table,json}");
  EXPECT_EQ(choice.kind, ValueKind::choice);
  EXPECT_EQ(choice.choices, (std::vector<std::string>{"table", "json"}));
  EXPECT_EQ(choice.name, "TEXT");
}

TEST(CompletionTest, TreeHasWhatHelpShows) {
  const CommandInfo tree = sample();
  ASSERT_EQ(tree.commands.size(), 2u);
  const CommandInfo& look = tree.commands[0];
  ASSERT_EQ(look.arguments.size(), 1u);
  EXPECT_EQ(look.arguments[0].names.front(), "pictures");
  ASSERT_EQ(look.options.size(), 5u);  // with --help, without --secret
  EXPECT_EQ(look.options[1].names, (std::vector<std::string>{"-o", "--out"}));
  EXPECT_EQ(look.options[4].value.kind, ValueKind::none);
  const auto all = mien::app::all_commands(tree);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[3].path, "data pack");
}

TEST(CompletionTest, TreeSurvivesJson) {
  const CommandInfo tree = sample();
  const auto json = mien::app::to_json(tree);
  EXPECT_EQ(mien::app::to_json(mien::app::command_info(json, "test")), json);
}

TEST(CompletionTest, BashNamesTheValuesOfEachOption) {
  const std::string script = mien::app::bash_completion(sample(), {"small", "large"});
  EXPECT_NE(script.find("    'look -o' | 'look --out') echo folders ;;\n"), std::string::npos);
  EXPECT_NE(script.find("    'look --format') echo 'words table json' ;;\n"), std::string::npos);
  EXPECT_NE(script.find("    'look --model') echo 'files small large' ;;\n"), std::string::npos);
  EXPECT_NE(script.find("    'data') echo 'words pack' ;;\n"), std::string::npos);
  EXPECT_EQ(script.find("look --json'"), std::string::npos);
  EXPECT_EQ(script.find("hidden"), std::string::npos);
}

TEST(CompletionTest, ZshAndFishQuoteTheHelp) {
  const std::string zsh = mien::app::zsh_completion(sample(), {"small"});
  EXPECT_NE(zsh.find("'look:Look at it'\\''s pictures: [all]'"), std::string::npos);
  EXPECT_NE(zsh.find("'(-o --out)--out=[Folder]:DIR:_files -/'"), std::string::npos);
  const std::string fish = mien::app::fish_completion(sample(), {"small"});
  EXPECT_NE(fish.find("-a look -d 'Look at it\\'s pictures: [all]'"), std::string::npos);
  EXPECT_NE(fish.find(" -s o -l out -x -a '(__fish_complete_directories)' -d 'Folder'"), std::string::npos);
}

TEST(CompletionTest, ManualKeepsLinesShortAndEscapesHyphens) {
  const std::string page = mien::app::manual_page(sample(), "0.1.0", "2026-11-30");
  EXPECT_NE(page.find(".TH MIEN 1 2026-11-30 \"mien 0.1.0\" \"User Commands\"\n"), std::string::npos);
  EXPECT_NE(page.find(".TP\n\\fB\\-o\\fR, \\fB\\-\\-out\\fR \\fIDIR\\fR\nFolder.\n"), std::string::npos);
  EXPECT_NE(page.find("One of: table, json.\n"), std::string::npos);
}

}  // namespace
