// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <numeric>
#include <thread>

#include "mien/base/command.h"
#include "mien/base/config.h"
#include "mien/base/container.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/folder_lock.h"
#include "mien/base/hash.h"
#include "mien/base/json.h"
#include "mien/base/json_number.h"
#include "mien/base/machine.h"
#include "mien/base/progress.h"
#include "mien/base/random.h"
#include "mien/base/run_dir.h"
#include "mien/base/shortest.h"
#include "mien/base/text.h"
#include "mien/base/toml.h"
#include "support/temp_dir.h"

namespace mien {
namespace {

TEST(Text, CountsCharactersAndNotBytes) {
  EXPECT_EQ(num_characters(""), 0u);
  EXPECT_EQ(num_characters("abc"), 3u);
  EXPECT_EQ(num_characters("–"), 1u);
  EXPECT_EQ(num_characters("fünf"), 4u);
  EXPECT_EQ(fmt::format("{:>3}{:<5}|{:<2}", "–", "fünf", "abc"), "  –fünf |abc");
}

TEST(Text, NumbersMustFillTheWholeString) {
  EXPECT_EQ(parse_int(" +12 "), 12);
  EXPECT_FALSE(parse_int("12a"));
  EXPECT_FALSE(parse_int(""));
  EXPECT_DOUBLE_EQ(*parse_double("-1.5e2"), -150);
}

TEST(Text, NearestFindsSlipsOnly) {
  EXPECT_EQ(nearest("epoch", {"epochs", "batch_size"}), "epochs");
  EXPECT_FALSE(nearest("colour", {"epochs", "batch_size"}).has_value());
  EXPECT_EQ(did_you_mean("zzz", {"a", "b"}), "Valid: a, b.");
}

TEST(Text, LinesEndInEveryWay) {
  EXPECT_EQ(lines_of("\xEF\xBB\xBFone\r\ntwo\rthree\nfour"), (std::vector<std::string>{"one", "two", "three", "four"}));
  EXPECT_TRUE(lines_of("").empty());
}

TEST(Text, CsvCellsRoundTrip) {
  const std::vector<std::string> cells{"a.png", "(0, 0, 48, 48)", "4", "say \"hi\""};
  EXPECT_EQ(csv_split("a.png,\"(0, 0, 48, 48)\", 4 ,\"say \"\"hi\"\"\""), cells);
  EXPECT_EQ(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
  EXPECT_EQ(csv_cell("plain"), "plain");
}

TEST(Text, CommandsWithoutFolders) {
  EXPECT_EQ(without_folders("mien train a/b.toml --set data.pack=/home/ann/x y.pack --init /w.pth"),
            "mien train a/b.toml --set data.pack=x y.pack --init w.pth");
  EXPECT_EQ(without_folders("/opt/mien/bin/mien eval runs/x / a=1"), "mien eval runs/x / a=1");
  EXPECT_EQ(without_folders(""), "");
  EXPECT_EQ(without_folders("mien eval '/home/ann/my set.pack' --name='/a b/c d'"),
            "mien eval 'my set.pack' '--name=c d'");
}

TEST(Text, WordsQuotedForAShell) {
  EXPECT_EQ(shell_quote("runs/train/dan-1"), "runs/train/dan-1");
  EXPECT_EQ(shell_quote("data.pack=a b"), "'data.pack=a b'");
  EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quote(""), "''");
  EXPECT_EQ(shell_quote("$(reboot)"), "'$(reboot)'");
  EXPECT_EQ(shell_quote("é"), "é");
  EXPECT_EQ(command_words("a 'b c' 'it'\\''s'"), (std::vector<std::string_view>{"a", "'b c'", "'it'\\''s'"}));
}

TEST(Error, HasKindSentenceAndExitCode) {
  const Error e(ErrorKind::bad_input, "a.png: cut.", "Copy it again.");
  EXPECT_STREQ(e.what(), "a.png: cut. Copy it again.");
  EXPECT_EQ(exit_code(e.kind()), 3);
  EXPECT_EQ(e.where().substr(0, 10), "mien/base/");
}

// FNV-1a test vectors by its authors (Fowler, Noll, Vo).
TEST(Hash, Fnv1a) {
  EXPECT_EQ(fnv1a64(""), 0xcbf29ce484222325ULL);
  EXPECT_EQ(fnv1a64("foobar"), 0x85944171f73967e8ULL);
}

// XXH3-128 of the empty input, from the reference implementation's documentation.
TEST(Hash, ContentHashIsXxh3) {
  EXPECT_EQ(content_hash(std::string_view("")), "99aa06d3014798d86001c324468d497f");
  ContentHasher pieces;
  pieces.update(std::string_view("ab"));
  pieces.update(std::string_view("c"));
  EXPECT_EQ(pieces.hex(), content_hash(std::string_view("abc")));
}

// SplitMix64 from seed 1234567: the published first outputs.
TEST(Random, SplitMix64) {
  Random r(1234567);
  EXPECT_EQ(r.next(), 6457827717110365317ULL);
  EXPECT_EQ(r.next(), 3203168211198807973ULL);
}

TEST(Random, BelowIsUniformAndStreamsDiffer) {
  Random r = Random::stream(1, "a");
  int count[3] = {};
  for (int i = 0; i < 30000; ++i) ++count[r.below(3)];
  for (int c : count) EXPECT_NEAR(c, 10000, 300);
  EXPECT_NE(Random::stream(1, "a").next(), Random::stream(1, "b").next());
  EXPECT_NE(Random::stream(1, "a", 0).next(), Random::stream(1, "a", 1).next());
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  Random r(5);
  double sum = 0, square = 0;
  for (int i = 0; i < 20000; ++i) {
    const double x = r.normal();
    sum += x;
    square += x * x;
  }
  EXPECT_NEAR(sum / 20000, 0, 0.03);
  EXPECT_NEAR(square / 20000, 1, 0.04);
}

TEST(FolderLock, HasOneHolderAtATime) {
  const testing::TempDir dir;
  {
    const FolderLock first(dir.path());
    EXPECT_THROW(FolderLock second(dir.path()), Error);
  }
  EXPECT_NO_THROW(FolderLock third(dir.path()));
  EXPECT_THROW(FolderLock none(dir / "none"), Error);
}

TEST(AtomicFile, TheLongestNameIsWritten) {
  const testing::TempDir dir;
  const std::string name(255, 'x');
  write_file(dir / name, "content");
  EXPECT_EQ(read_file(dir / name), "content");
}

TEST(Json, DeepNestingAndHugeNumbersAreErrors) {
  EXPECT_THROW(parse_json(std::string(100000, '['), "deep"), Error);
  EXPECT_THROW(parse_json(std::string(5000, '[') + std::string(5000, ']'), "deep"), Error);
  EXPECT_EQ(parse_json(std::string(50, '[') + std::string(50, ']'), "fine").size(), 1u);
  EXPECT_THROW(parse_json("1e999", "huge"), Error);
}

TEST(Machine, ReadsProcessorAndInstructionSets) {
  const Machine m = machine_from(
      "processor\t: 0\nmodel name\t: Some CPU 3 GHz\nflags\t\t: fpu sse2 avx2 fma avx512_bf16 avx512_bf16x\n\n"
      "processor\t: 1\nmodel name\t: Another\nflags\t\t: amx_bf16\n");
  EXPECT_EQ(m.processor, "Some CPU 3 GHz");
  EXPECT_EQ(m.instruction_sets, (std::vector<std::string>{"avx2", "fma", "avx512_bf16"}));
  EXPECT_TRUE(m.has("avx2"));
  EXPECT_FALSE(m.has("amx_bf16"));
  EXPECT_EQ(machine_from("").processor, "unknown processor");
  EXPECT_GE(this_machine().cores, 1);
}

TEST(Container, Version2TakesTheTightestGroupOnTheWayUp) {
  const testing::TempDir dir;
  const auto put = [&](const char* name, std::string_view content) { write_file(dir / name, content); };
  EXPECT_FALSE(container_limits("0::/a/b\n", dir.path()).cores);
  put("cgroup.controllers", "cpu memory\n");
  put("a/cpu.max", "50000 100000\n");
  put("a/b/cpu.max", "max 100000\n");
  put("a/memory.max", "max\n");
  put("a/b/memory.max", "1000000000\n");
  put("a/b/memory.current", "700000000\n");
  put("a/b/memory.stat", "anon 400000000\ninactive_file 200000000\nactive_file 100000000\n");
  const ContainerLimits limits = container_limits("0::/a/b\n", dir.path());
  EXPECT_DOUBLE_EQ(limits.cores.value(), 0.5);
  EXPECT_DOUBLE_EQ(limits.memory_available.value(), 600000000);
  EXPECT_DOUBLE_EQ(container_limits("0::/a/hidden/from/inside\n", dir.path()).cores.value(), 0.5);
  EXPECT_FALSE(container_limits("0::/a/b\n", dir.path() / "none").cores);
  EXPECT_FALSE(container_limits("0::/elsewhere\n", dir.path()).memory_available);
  EXPECT_FALSE(container_limits("junk\n\n0:\n0::\n:::\n", dir.path()).cores);
}

TEST(Container, Version1KnowsItsControllersByName) {
  const testing::TempDir dir;
  const auto put = [&](const char* name, std::string_view content) { write_file(dir / name, content); };
  put("cpu,cpuacct/box/cpu.cfs_quota_us", "250000\n");
  put("cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
  put("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  put("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  put("memory/memory.limit_in_bytes", "9223372036854771712\n");
  const char* membership = "3:memory:/box\n2:cpu,cpuacct:/box\n1:name=systemd:/\n";
  EXPECT_DOUBLE_EQ(container_limits(membership, dir.path()).cores.value(), 2.5);
  EXPECT_FALSE(container_limits(membership, dir.path()).memory_available);
  put("memory/box/memory.limit_in_bytes", "500\n");
  put("memory/box/memory.usage_in_bytes", "600\n");
  EXPECT_DOUBLE_EQ(container_limits(membership, dir.path()).memory_available.value(), 0);
}

TEST(Container, MemoryIsWhatMachineAndContainerLeave) {
  const char* meminfo = "MemTotal: 9000 kB\nMemAvailable:   4000 kB\nSwapFree:  1000 kB\n";
  ContainerLimits limits;
  EXPECT_DOUBLE_EQ(memory_available(meminfo, limits).value(), 5000 * 1024);
  limits.memory_available = 2048;
  EXPECT_DOUBLE_EQ(memory_available(meminfo, limits).value(), 2048 + 1000 * 1024);
  EXPECT_DOUBLE_EQ(memory_available("junk\n:\nMemAvailable: much\n", limits).value(), 2048);
  EXPECT_FALSE(memory_available("", {}));
  EXPECT_GT(memory_available().value(), 1e6);
}

TEST(Container, UsableCoresAreThoseOfTheMachineRecord) {
  EXPECT_GE(usable_cores(), 1);
  EXPECT_EQ(this_machine().cores, usable_cores());
}

TEST(AtomicFile, NothingAppearsBeforeCommit) {
  const testing::TempDir dir;
  {
    AtomicFile file(dir / "sub/a.txt");
    file.write(std::string_view("hello"));
    file.write_at(0, "J");
    EXPECT_FALSE(std::filesystem::exists(dir / "sub/a.txt"));
    file.commit();
  }
  EXPECT_EQ(read_file(dir / "sub/a.txt"), "Jello");
  { AtomicFile abandoned(dir / "sub/b.txt"); }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir / "sub"), {}), 1);
}

TEST(ReadFile, RefusesWhatIsNoFile) {
  const testing::TempDir dir;
  EXPECT_THROW(read_file(dir.path()), Error);
  try {
    read_file(dir / "none");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::missing);
  }
}

struct Config {
  int heads = 4;
  double rate = 0.1;
  bool spatial = true;
  std::string kind = "sgd";
  std::vector<double> mean{0.5};
};

Fields fields_of(Config& c) {
  Fields f;
  f.add("model.heads", c.heads, "heads").range(0, 8);
  f.add("optimiser.rate", c.rate, "rate").range(0, 1);
  f.add("model.spatial", c.spatial, "spatial unit");
  f.add("optimiser.kind", c.kind, "optimiser").choices({"sgd", "adam"});
  f.add("input.mean", c.mean, "mean").range(0, 1);
  return f;
}

std::string refusal(Fields& f, const std::string& assignment) {
  try {
    f.set_text(assignment);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::usage);
    return e.what();
  }
  return "accepted";
}

TEST(Fields, SetsReadsBackAndRefuses) {
  Config c;
  Fields f = fields_of(c);
  f.set_text("model.heads=2");
  f.set_text("optimiser.kind = adam");
  f.set_text("input.mean=[0.1, 0.2]");
  f.set_text("model.spatial=false");
  EXPECT_EQ(c.heads, 2);
  EXPECT_EQ(c.kind, "adam");
  EXPECT_EQ(c.mean.size(), 2u);
  EXPECT_FALSE(c.spatial);
  EXPECT_NE(refusal(f, "model.head=1").find("'model.heads'"), std::string::npos);
  EXPECT_NE(refusal(f, "model.heads=9").find("0..8"), std::string::npos);
  EXPECT_NE(refusal(f, "model.heads=2.5").find("wrong type"), std::string::npos);
  EXPECT_NE(refusal(f, "optimiser.rate=fast").find("wrong type"), std::string::npos);
  EXPECT_NE(refusal(f, "optimiser.kind=adamm").find("'adam'"), std::string::npos);
  EXPECT_NE(refusal(f, "model.heads").find("no '='"), std::string::npos);
  EXPECT_NE(refusal(f, "optimiser.kind=5").find("valid choice"), std::string::npos);  // a number is good text
}

TEST(Fields, ResolvedConfigSurvivesToml) {
  Config c;
  Fields f = fields_of(c);
  f.set_text("optimiser.rate=0.025");
  const Json back = parse_toml(to_toml(f.resolved()), "test");
  Config d;
  Fields g = fields_of(d);
  g.set_all(back, "test");
  EXPECT_EQ(g.resolved(), f.resolved());
}

TEST(Toml, CharactersBeyondAsciiBelongIntoStringsAndComments) {
  EXPECT_EQ(
      parse_toml(
          "\xEF\xBB\xBF# caf\xC3\xA9\na = \"caf\xC3\xA9 \\\" \xC3\xA9\"\nb = '\xC3\xA9'\nc = \"\"\"x\n\xC3\xA9\"\"\"\n",
          "x")
          .size(),
      3u);
  try {
    parse_toml("a = 1\n\xEF\xBB\xAF/", "x.toml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("x.toml, line 2"), std::string::npos);
  }
}

TEST(Toml, SyntaxErrorNamesTheLine) {
  try {
    parse_toml("a = 1\nb = = 2\n", "x.toml");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.message().find("x.toml, line 2"), std::string::npos);
  }
}

TEST(Shortest, ReadsBackAsTheSameFloat) {
  EXPECT_EQ(shortest(0.311F), 0.311);
  EXPECT_EQ(shortest(-2.5F), -2.5);
  EXPECT_EQ(shortest(1e-20F), 1e-20);
  const float third = 1.0F / 3;
  EXPECT_EQ(static_cast<float>(shortest(third)), third);
  EXPECT_TRUE(std::isinf(shortest(std::numeric_limits<float>::infinity())));
}

TEST(Json, NumbersMustFitTheirType) {
  const Json j = parse_json(R"({"i": 3, "f": 2.5, "huge": 1e115, "wide": 3000000000, "u": 18446744073709551615,
                                "list": [1, 2.5], "mixed": [1, "x"]})",
                            "j");
  EXPECT_EQ(json_number<int>(j, "i", "j"), 3);
  EXPECT_EQ(json_number<std::int64_t>(j, "wide", "j"), 3000000000);
  EXPECT_EQ(json_number<double>(j, "huge", "j"), 1e115);
  EXPECT_EQ(json_number<float>(j, "i", "j"), 3);
  EXPECT_EQ(json_numbers<float>(j, "list", "j"), (std::vector<float>{1, 2.5}));
  for (const char* key : {"f", "huge", "wide", "u", "list", "none"})
    EXPECT_THROW(json_number<int>(j, key, "j"), Error) << key;
  EXPECT_THROW(json_number<std::int64_t>(j, "u", "j"), Error);
  EXPECT_THROW(json_number<float>(j, "huge", "j"), Error);
  EXPECT_THROW(json_numbers<float>(j, "mixed", "j"), Error);
  EXPECT_THROW(json_numbers<float>(j, "i", "j"), Error);
}

TEST(Json, ErrorsNameFileAndField) {
  const Json j = {{"a", 1}};
  try {
    json_at<std::string>(j, "a", "card");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.message().find("'a' has the wrong type"), std::string::npos);
  }
  EXPECT_THROW(json_at<int>(j, "b", "card"), Error);
  EXPECT_THROW(parse_json("{", "x"), Error);
}

// Each check runs in its own process, since the token stays set.
TEST(Interrupt, OneRequestThatArrivesTwiceIsOne) {
  const auto twice_at_once = [] {
    install_interrupt_handler();
    std::raise(SIGINT);
    std::raise(SIGINT);
    std::_Exit(interrupt_token().is_cancelled() ? 3 : 4);
  };
  EXPECT_EXIT(twice_at_once(), ::testing::ExitedWithCode(3), "");
}

TEST(Interrupt, ASecondRequestEndsTheProcess) {
  const auto twice = [] {
    install_interrupt_handler();
    std::raise(SIGINT);
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    std::raise(SIGINT);
    std::_Exit(0);
  };
  EXPECT_EXIT(twice(), ::testing::KilledBySignal(SIGINT), "");
}

TEST(RunDir, EachRunGetsAFolderOfItsOwn) {
  const testing::TempDir dir;
  EXPECT_EQ(make_run_dir(dir / "runs", "a"), dir / "runs" / "a");
  EXPECT_EQ(make_run_dir(dir / "runs", "a"), dir / "runs" / "a-2");
  write_file(dir / "file", "");
  EXPECT_THROW(make_run_dir(dir / "file", "a"), Error);
}

}  // namespace
}  // namespace mien
