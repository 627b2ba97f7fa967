// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <functional>

#include "mien/base/error.h"
#include "mien/base/hash.h"
#include "mien/pack/layout.h"
#include "mien/pack/records.h"
#include "support/temp_dir.h"

namespace mien::pack {
namespace {

PackInfo small_info() {
  PackInfo info;
  info.width = 2;
  info.height = 3;
  info.classes = face::class_set(8);
  info.data_set = "made up";
  info.label_rule = "single";
  info.provenance = {{"seed", 7}};
  return info;
}

std::filesystem::path write_small(const testing::TempDir& dir) {
  PackWriter writer(dir / "a.pack", small_info());
  for (int i = 0; i < 3; ++i) {
    Sample s;
    s.split = static_cast<Split>(i);
    s.label = i;
    s.distribution[static_cast<std::size_t>(i)] = 1;
    s.votes[9] = static_cast<std::uint8_t>(i);
    s.has_votes = i == 2;
    s.source = "pic" + std::to_string(i);
    s.subject = "s";
    const std::vector<std::uint8_t> pixels(6, static_cast<std::uint8_t>(10 * i));
    writer.add(s, pixels);
  }
  EXPECT_FALSE(std::filesystem::exists(dir / "a.pack"));
  writer.commit();
  return dir / "a.pack";
}

TEST(Pack, ReadsBackWhatWasWritten) {
  const testing::TempDir dir;
  const Pack pack(write_small(dir));
  ASSERT_EQ(pack.size(), 3u);
  EXPECT_EQ(pack.info().provenance.at("seed"), 7);
  EXPECT_EQ(pack.info().height, 3);
  EXPECT_EQ(pack.sample(2).source, "pic2");
  EXPECT_EQ(pack.sample(1).split, Split::valid);
  EXPECT_EQ(pack.sample(2).votes[9], 2);
  EXPECT_TRUE(pack.sample(2).has_votes);
  EXPECT_EQ(pack.pixels(2)[5], 20);
  EXPECT_EQ(pack.indices(Split::test), std::vector<std::uint32_t>{2});
  EXPECT_EQ(pack.hash().size(), 32u);
}

TEST(Pack, WithoutCommitNothingStays) {
  const testing::TempDir dir;
  { PackWriter writer(dir / "b.pack", small_info()); }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(Pack, EveryCutIsRefused) {
  const testing::TempDir dir;
  const std::string whole = read_file(write_small(dir));
  for (std::size_t size = 0; size < whole.size(); size += 5) {
    write_file(dir / "cut.pack", std::string_view(whole).substr(0, size));
    EXPECT_THROW(Pack(dir / "cut.pack"), Error) << size;
  }
}

TEST(Pack, EveryFlippedByteIsRefused) {
  const testing::TempDir dir;
  const std::string whole = read_file(write_small(dir));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x41);
    write_file(dir / "flip.pack", flipped);
    EXPECT_THROW(Pack(dir / "flip.pack"), Error) << at;
  }
}

TEST(PackWriter, RefusesWrongSizesAndLabels) {
  const testing::TempDir dir;
  PackWriter writer(dir / "c.pack", small_info());
  Sample s;
  EXPECT_THROW(writer.add(s, std::vector<std::uint8_t>(5)), Error);
  s.label = 8;
  EXPECT_THROW(writer.add(s, std::vector<std::uint8_t>(6)), Error);
}

/// A sample that has every field of version 2.
Sample full_sample() {
  Sample s;
  s.label = 3;
  s.distribution[3] = 1;
  s.source = "clip 7/frame 12";
  s.subject = "person 4";
  s.sequence = "clip 7";
  for (std::size_t i = 0; i < face::kNumPoints68; ++i)
    s.landmarks.push_back({static_cast<float>(i) / 16, -1.5f});  // points may be outside the picture
  s.landmark_origin = Origin::estimate;
  s.yaw = Angle{-1, Origin::data_set};  // a valid angle, not a code for "unknown"
  s.pitch = Angle{12.5f, Origin::estimate};
  s.boxes = std::vector<face::LabelledBox>{{{0, 0, 2, 3}, 7}, {{0.5f, 1, 1, 1.5f}, 0}};
  s.original = PictureSize{720, 576};
  return s;
}

void expect_equal(const Sample& a, const Sample& b) {
  EXPECT_EQ(a.label, b.label);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.subject, b.subject);
  EXPECT_EQ(a.sequence, b.sequence);
  EXPECT_EQ(a.landmarks, b.landmarks);
  EXPECT_EQ(a.landmark_origin, b.landmark_origin);
  EXPECT_EQ(a.yaw, b.yaw);
  EXPECT_EQ(a.pitch, b.pitch);
  EXPECT_EQ(a.boxes, b.boxes);
  EXPECT_EQ(a.original, b.original);
}

std::filesystem::path write_full(const testing::TempDir& dir, const std::string& name = "full.pack") {
  PackInfo info = small_info();
  info.placement = Placement::letterbox;
  info.box_origin = Origin::estimate;
  PackWriter writer(dir / name, info);
  Sample background;  // a picture without a face is valid
  background.boxes.emplace();
  for (const Sample& s : {full_sample(), background, Sample{}}) writer.add(s, std::vector<std::uint8_t>(6));
  writer.commit();
  return dir / name;
}

TEST(Pack, Version2KeepsEveryFieldAndWhatIsMissing) {
  const testing::TempDir dir;
  const Pack pack(write_full(dir));
  ASSERT_EQ(pack.size(), 3u);
  EXPECT_EQ(pack.info().placement, Placement::letterbox);
  EXPECT_EQ(pack.info().box_origin, Origin::estimate);
  expect_equal(pack.sample(0), full_sample());
  EXPECT_TRUE(pack.sample(1).boxes.has_value());
  EXPECT_TRUE(pack.sample(1).boxes->empty());
  EXPECT_FALSE(pack.sample(1).yaw.has_value());
  EXPECT_FALSE(pack.sample(2).boxes.has_value());
  EXPECT_EQ(pack.count(Split::train, Field::boxes), 2u);
  EXPECT_EQ(pack.count(Split::train, Field::landmarks), 1u);
  EXPECT_EQ(pack.count(Split::train, Field::pose), 1u);
  EXPECT_EQ(pack.count(Split::test, Field::boxes), 0u);
}

TEST(Pack, IsWrittenAsVersion1WhereThatIsEnough) {
  const testing::TempDir dir;
  const auto version = [](const std::filesystem::path& path) { return read_file(path)[8]; };
  EXPECT_EQ(version(write_small(dir)), 1);
  EXPECT_EQ(version(write_full(dir)), 2);
  // The hash that the release before version 2 gave to the same samples.
  EXPECT_EQ(Pack(dir / "a.pack").hash(), "5269d1da8271f3963aa37110da684a79");
}

TEST(Pack, Version3IsRefusedByName) {
  const testing::TempDir dir;
  std::string bytes = read_file(write_full(dir));
  bytes[8] = 3;
  write_file(dir / "v3.pack", bytes);
  try {
    const Pack pack(dir / "v3.pack");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("pack version 3; this version of mien reads versions 1 to 2"), std::string::npos);
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
  }
}

TEST(Pack, EveryCutOfVersion2IsRefused) {
  const testing::TempDir dir;
  const std::string whole = read_file(write_full(dir));
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    write_file(dir / "cut.pack", std::string_view(whole).substr(0, size));
    EXPECT_THROW(Pack(dir / "cut.pack"), Error) << size;
  }
}

TEST(Pack, HoldsPicturesThatAreLargeAndNotSquare) {
  const testing::TempDir dir;
  PackInfo info = small_info();
  info.width = 640, info.height = 480, info.channels = 3;
  PackWriter writer(dir / "scenes.pack", info);
  Sample s;
  s.boxes = std::vector<face::LabelledBox>{{{600, 400, 40, 80}, 1}};
  std::vector<std::uint8_t> pixels(640 * 480 * 3);
  pixels.back() = 9;
  writer.add(s, pixels);
  writer.commit();
  const Pack pack(dir / "scenes.pack");
  EXPECT_EQ(pack.pixels(0).size(), pixels.size());
  EXPECT_EQ(pack.pixels(0).back(), 9);
}

TEST(PackWriter, RefusesFieldsOutOfRangeAndSaysWhich) {
  const testing::TempDir dir;
  PackWriter writer(dir / "d.pack", small_info());
  const auto refusal = [&](auto change) {
    Sample s = full_sample();
    change(s);
    try {
      writer.add(s, std::vector<std::uint8_t>(6));
    } catch (const Error& error) {
      return error.message();
    }
    return std::string("accepted");
  };
  const auto box = [](face::Box b, int label = 0) {
    return [=](Sample& s) { s.boxes = std::vector<face::LabelledBox>{{b, label}}; };
  };
  const std::string name = "clip 7/frame 12: ";
  EXPECT_EQ(refusal(box({5, 0, 1, 1})), name + "box 1 is outside the picture.");
  EXPECT_EQ(refusal(box({1, 1, 1, 3})), name + "box 1 extends beyond the picture.");
  EXPECT_EQ(refusal(box({1, 1, 0, 1})), name + "box 1 has no area.");
  EXPECT_EQ(refusal(box({1, 1, -1, 1})), name + "box 1 has swapped corners.");
  EXPECT_EQ(refusal(box({NAN, 1, 1, 1})), name + "box 1 is not finite.");
  EXPECT_EQ(refusal(box({0, 0, 1, 1}, 8)), name + "box 1 has an unknown class.");
  EXPECT_EQ(refusal([](Sample& s) { s.landmarks.pop_back(); }), name + "67 landmarks, expected 68.");
  EXPECT_EQ(refusal([](Sample& s) { s.landmarks[5].y = INFINITY; }), name + "a landmark is not finite.");
  EXPECT_EQ(refusal([](Sample& s) { s.yaw->degrees = 181; }), name + "yaw 181 is outside -180..180 degrees.");
  EXPECT_EQ(refusal([](Sample& s) { s.pitch->degrees = NAN; }), name + "pitch nan is outside -90..90 degrees.");
  EXPECT_EQ(refusal([](Sample& s) { s.original->width = 0; }), name + "original picture size 0x576 is impossible.");
  EXPECT_EQ(refusal([](Sample&) {}), "accepted");
}

/// The pack of write_full with one picture's bytes changed by `change` and the content hash corrected.
std::string refusal_of_changed(const testing::TempDir& dir, const std::function<void(Sample&)>& change) {
  const std::string whole = read_file(write_full(dir));
  Sample changed = full_sample();
  change(changed);
  const std::string before = encode(full_sample(), 2), after = encode(changed, 2);
  EXPECT_EQ(before.size(), after.size());
  std::string bytes = whole;
  bytes.replace(whole.find(before), before.size(), after);
  bytes.replace(offsetof(Head, hash), sizeof(Head::hash), content_hash(std::string_view(bytes).substr(sizeof(Head))));
  write_file(dir / "changed.pack", bytes);
  try {
    const Pack pack(dir / "changed.pack");
    return "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    return error.message();
  }
}

TEST(Pack, FieldsOutOfRangeAreRefusedWhenAPackIsRead) {
  const testing::TempDir dir;
  using ::testing::HasSubstr;
  const auto box = [](face::Box b, int label = 0) { return [=](Sample& s) { s.boxes->back() = {b, label}; }; };
  EXPECT_EQ(refusal_of_changed(dir, box({0, 0, 1, 1})), "accepted");
  EXPECT_THAT(refusal_of_changed(dir, box({5, 0, 1, 1})), HasSubstr("box 2 is outside the picture"));
  EXPECT_THAT(refusal_of_changed(dir, box({1, 1, 0, 1})), HasSubstr("box 2 has no area"));
  EXPECT_THAT(refusal_of_changed(dir, box({1, 1, -1, 1})), HasSubstr("box 2 has swapped corners"));
  EXPECT_THAT(refusal_of_changed(dir, box({0, 0, 1, 1}, 8)), HasSubstr("box 2 has an unknown class"));
  EXPECT_THAT(refusal_of_changed(dir, [](Sample& s) { s.landmarks[5].y = NAN; }), HasSubstr("landmark is not finite"));
  EXPECT_THAT(refusal_of_changed(dir, [](Sample& s) { s.yaw->degrees = 181; }), HasSubstr("yaw 181"));
}

TEST(Split, Names) {
  EXPECT_EQ(split_from(" Val "), Split::valid);
  EXPECT_FALSE(split_from("rest").has_value());
}

}  // namespace
}  // namespace mien::pack
