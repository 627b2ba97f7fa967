// SPDX-License-Identifier: Apache-2.0
// Archives and pickles built by hand; files of the real torch.save are read in tests/weights.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "mien/base/crc32.h"
#include "mien/base/error.h"
#include "mien/base/stand_in.h"
#include "mien/weights/bytes.h"
#include "mien/weights/pickle.h"
#include "mien/weights/safetensors_header.h"
#include "mien/weights/state_dict.h"
#include "mien/weights/torch_file.h"
#include "mien/weights/zip.h"
#include "support/torch_archive.h"

namespace mien::weights {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;
using testing::global, testing::le, testing::Member, testing::tensor, testing::word, testing::zip_of;

std::span<const std::byte> bytes_of(const std::string& s) { return std::as_bytes(std::span(s.data(), s.size())); }

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(exit_code(error.kind()), 3);
    return error.message() + " | " + error.remedy();
  }
  return "nothing was refused";
}

std::string size1(std::uint8_t a) { return "K" + le(a) + "\x85"; }
std::string size2(std::uint8_t a, std::uint8_t b) { return "K" + le(a) + "K" + le(b) + "\x86"; }
std::string dict(const std::string& items) { return "}(" + items + "u"; }
std::string pickle(const std::string& body) { return "\x80\x02" + body + "."; }
std::string torch_zip(const std::string& body, const std::vector<Member>& more = {}) {
  std::vector<Member> members{{"archive/data.pkl", pickle(body)}};
  members.insert(members.end(), more.begin(), more.end());
  return zip_of(members);
}
std::string floats(std::initializer_list<float> values) {
  std::string out;
  for (const float v : values) out += le(v);
  return out;
}

Pickle load(const std::string& body) {
  static std::string kept;  // values refer to it
  kept = pickle(body);
  return unpickle(bytes_of(kept), "x.pth", [](std::string_view, std::uint64_t) { return std::nullopt; });
}
std::string refusal(const std::string& body) {
  return message_of([&] { load(body); });
}

TEST(Crc32, KnownValues) {
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xCBF43926u);  // the check value of the polynomial
  EXPECT_EQ(crc32({}), 0u);
  EXPECT_EQ(crc32(bytes_of("The quick brown fox jumps over the lazy dog")), 0x414FA339u);
}

TEST(Zip, ReadsStoredEntriesAndRefusesTheRest) {
  const std::string archive = zip_of({{"a/one", "first"}, {"a/two", "packed", 8}, {"a/empty", ""}});
  const ZipReader zip(bytes_of(archive), "x.pth");
  EXPECT_EQ(as_text(zip.read("a/one")), "first");
  EXPECT_EQ(as_text(zip.read("a/empty")), "");
  EXPECT_THAT(message_of([&] { zip.read("a/two"); }), HasSubstr("'a/two' is compressed (zip method 8)"));
  EXPECT_THAT(message_of([&] { zip.read("a/none"); }), HasSubstr("no entry 'a/none'"));
  std::string flipped = archive;
  flipped[flipped.find("first")] = 'F';
  const ZipReader damaged(bytes_of(flipped), "x.pth");
  EXPECT_THAT(message_of([&] { damaged.read("a/one"); }), HasSubstr("does not match its checksum"));
}

TEST(Zip, EveryCutAndEveryFlippedByteIsRefusedOrHarmless) {
  const std::string archive =
      torch_zip(dict(word("w") + tensor("0", 2, size1(2), size1(1))), {{"archive/data/0", floats({1, 2})}});
  EXPECT_EQ(read_torch_file(bytes_of(archive), "x").tensors.size(), 1u);
  for (std::size_t size = 0; size < archive.size(); ++size) {
    const std::string cut = archive.substr(0, size);
    EXPECT_THROW(read_torch_file(bytes_of(cut), "x"), Error) << size;
  }
  for (std::size_t at = 0; at < archive.size(); ++at)
    for (const char mask : {'\x01', '\x80', '\xff'}) {
      std::string flipped = archive;
      flipped[at] = static_cast<char>(flipped[at] ^ mask);
      try {
        read_torch_file(bytes_of(flipped), "x");
      } catch (const Error&) {
      }
    }
}

TEST(Zip, OverlappingAndRepeatedEntriesAreRefused) {
  std::string archive = zip_of({{"a", std::string(1000, 'x')}, {"b", ""}});
  // Makes the second directory entry refer to the content of the first, sizes included.
  const auto second = archive.rfind("PK\x01\x02");
  const auto size = le<std::uint32_t>(1000);
  archive.replace(second + 20, 4, size).replace(second + 24, 4, size).replace(second + 42, 4, le<std::uint32_t>(0));
  EXPECT_THAT(message_of([&] { ZipReader(bytes_of(archive), "x"); }), HasSubstr("overlap"));
  EXPECT_THAT(message_of([&] {
                const auto twice = zip_of({{"a", "1"}, {"a", "2"}});
                ZipReader(bytes_of(twice), "x");
              }),
              HasSubstr("occurs twice"));
}

TEST(Pickle, PlainValues) {
  const auto p = load(dict(word("n") + "N" + word("t") + "\x88" + word("i") + "J" + le<std::int32_t>(-5) + word("big") +
                           "\x8a\x05" + "\x00\x00\x00\x00\x80"s + word("f") + "G\xbf\xf0\0\0\0\0\0\0"s + word("l") +
                           "](K\x01K\x02" + "e" + word("empty") + ")"));
  EXPECT_EQ(p.root->find("i")->integer, -5);
  EXPECT_EQ(p.root->find("big")->integer, -(std::int64_t{1} << 39));
  EXPECT_EQ(p.root->find("f")->real, -1.0);
  EXPECT_EQ(p.root->find("t")->integer, 1);
  EXPECT_EQ(p.root->find("l")->items.size(), 2u);
  EXPECT_TRUE(p.root->find("n")->is(Value::Kind::none));
  EXPECT_EQ(p.root->find("none"), nullptr);
}

TEST(Pickle, WhatWouldRunIsRefusedByName) {
  EXPECT_THAT(refusal(global("os", "system") + word("echo run") + "\x85R"),
              HasSubstr("calls for 'os.system', which weights never need; nothing was run."));
  EXPECT_THAT(refusal(global("posix", "system") + word("echo run") + "\x85R"), HasSubstr("'posix.system'"));
  EXPECT_THAT(refusal(global("builtins", "eval") + word("1") + "\x85R"), HasSubstr("'builtins.eval'"));
  EXPECT_THAT(refusal("\x8c\x02os\x8c\x06system\x93"), HasSubstr("'os.system'"));  // STACK_GLOBAL
  EXPECT_THAT(refusal("(ios\nsystem\n"), HasSubstr("opcode INST"));
  EXPECT_THAT(refusal(word("f") + ")R"), HasSubstr("calls text"));
  EXPECT_THAT(refusal(global("torch", "FloatStorage") + ")R"), HasSubstr("like a function"));
  EXPECT_THAT(refusal("\xff"), HasSubstr("opcode 0xff"));
  EXPECT_THAT(refusal("]" + dict("") + "b"), HasSubstr("sets the state of a list"));
}

TEST(Pickle, ObjectsBesideTheWeightsArePassedOver) {
  const std::string t = tensor("0", 2, size1(2), size1(1));
  // numpy.float64(60), argparse.Namespace(lr=1), a recorder with a state, a set, bytes, and a recursive tuple's POP.
  const std::string scalar = global("numpy.core.multiarray", "scalar") + "(" + global("numpy", "dtype") + "(" +
                             word("f8") + "\x89\x88tRC\x08" + std::string(8, '\0') + "tR";
  const std::string arguments = global("argparse", "Namespace") + ")\x81}(" + word("lr") + "K\x01ub";
  const std::string recorder = global("__main__", "RecorderMeter") + ")\x81}(" + word("values") + t + "ub";
  const std::string items = global("easydict", "EasyDict") + ")R(" + word("k") + "K\x01u";
  const auto p =
      load(dict(word("best_acc1") + scalar + word("args") + arguments + word("recorder") + recorder + word("set") +
                "\x8f(K\x01\x90" + word("items") + items + word("kinds") + global("builtins", "set") + "](K\x01" +
                "e\x85R" + word("pop") + "K\x01N0" + word("state_dict") + dict(word("w") + t)));
  for (const char* key : {"best_acc1", "args", "recorder", "set", "items", "kinds"})
    EXPECT_TRUE(p.root->find(key)->is(Value::Kind::object)) << key;
  EXPECT_EQ(p.root->find("recorder")->text, "__main__.RecorderMeter");
  EXPECT_EQ(describe(*p.root->find("best_acc1")), "an object of 'numpy.core.multiarray.scalar'");
  EXPECT_EQ(find_state_dict(*p.root, {}, "", "x.pth").entry, "state_dict");
  const auto lone = load(global("__main__", "DAN") + ")\x81");
  EXPECT_THAT(message_of([&] { find_state_dict(*lone.root, {}, "", "x.pth"); }),
              HasSubstr("x.pth: contains '__main__.DAN', which is not part of a plain state dict"));
  EXPECT_TRUE(load(global("collections", "OrderedDict") + ")\x81").root->is(Value::Kind::dict));
}

TEST(Pickle, TensorsOfASubclassAreTensors) {
  const std::string arguments = "((" + word("storage") + global("torch", "FloatStorage") + word("0") + word("cpu") +
                                "K\x02tQK" + std::string(1, '\0') + size1(2) + size1(1) + "\x89" +
                                global("collections", "OrderedDict") + ")Rt";
  const auto p = load(global("torch._tensor", "_rebuild_from_type_v2") + "(" +
                      global("torch._utils", "_rebuild_tensor_v2") + global("models", "Tagged") + arguments + "}tR");
  EXPECT_TRUE(p.root->is(Value::Kind::tensor));
}

TEST(Pickle, DamagedStacksAreRefused) {
  for (const char* body :
       {"", "u", "(", "K\x01s", "](", "}(K\x01u", "0", "h\x07", "K", "a", "R", "Q", "b", "e", "\x86", "(K\x01\x85R"})
    EXPECT_THROW(load(body), Error) << body;
}

TEST(Pickle, DeepNestingAndCirclesDoNotOverflow) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "](";
  for (int i = 0; i < 200'000; ++i) deep += "e";
  EXPECT_TRUE(load(deep).root->is(Value::Kind::list));
  const auto circle = load("}q" + "\x01"s + "(" + word("state_dict") + "h\x01u");
  EXPECT_THAT(message_of([&] { find_state_dict(*circle.root, {}, "", "x.pth"); }), HasSubstr("not clear which entry"));
}

TEST(Pickle, BombsStaySmall) {
  // "A list of ten lists of ten lists ...": ten references a level, one value each.
  std::string laughs = "]q" + std::string(1, '\0');
  for (char level = 1; level < 100; ++level) {
    laughs += "](";
    for (int i = 0; i < 10; ++i) laughs += "h" + std::string(1, static_cast<char>(level - 1));
    laughs += "eq" + std::string(1, level);
  }
  EXPECT_EQ(load(laughs).values.size(), 100u);
  EXPECT_THAT(refusal(std::string(kMostValues + 1, ')')), HasSubstr("more values than any state dict has"));
  EXPECT_THAT(refusal("X\xff\xff\xff\xff"
                      "abc"),
              HasSubstr("ends too early"));
  EXPECT_THAT(refusal("\x8d" + le(~std::uint64_t{0}) + "abc"), HasSubstr("ends too early"));
  EXPECT_THAT(refusal("\x8a\xff" + std::string(255, 'x')), HasSubstr("an integer of 255 bytes"));
}

TEST(TorchFile, StridesOffsetsAndSharedStorages) {
  const std::string file =
      torch_zip(dict(word("a") + tensor("0", 6, size2(2, 3), size2(3, 1)) + word("t") +
                     tensor("0", 6, size2(3, 2), size2(1, 3)) + word("tail") + tensor("0", 6, size1(2), size1(1), 4)),
                {{"archive/data/0", floats({0, 1, 2, 3, 4, 5})}, {"archive/byteorder", "little"}});
  const auto p = read_torch_file(bytes_of(file), "x.pth");
  const auto dict_of = find_state_dict(*p.root, {}, "", "x.pth");
  ASSERT_EQ(dict_of.tensors.size(), 3u);
  EXPECT_EQ(dict_of.tensors[0].view.storage.data(), dict_of.tensors[1].view.storage.data());
  EXPECT_EQ(dict_of.tensors[1].view.strides, (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(dict_of.tensors[2].view.offset, 4);
}

TEST(TorchFile, TensorsOutsideTheirStorageAreRefused) {
  const auto refused = [](const std::string& t) {
    const auto file = torch_zip(dict(word("a") + t), {{"archive/data/0", floats({0, 1, 2, 3, 4, 5})}});
    return message_of([&] { read_torch_file(bytes_of(file), "x.pth"); });
  };
  EXPECT_THAT(refused(tensor("0", 6, size2(2, 4), size2(4, 1))), HasSubstr("extends to element 7 of a storage of 6"));
  EXPECT_THAT(refused(tensor("0", 6, size1(2), size1(1), 5)), HasSubstr("extends to element 6"));
  EXPECT_THAT(refused(tensor("0", 7, size1(7), size1(1))), HasSubstr("has 24 bytes, 28 expected"));
  EXPECT_THAT(refused(tensor("1", 6, size1(6), size1(1))), HasSubstr("no entry 'archive/data/1'"));
  EXPECT_THAT(refused(tensor("0", -1, size1(6), size1(1))), HasSubstr("a storage of -1 elements"));
  EXPECT_THAT(refused(tensor("0", 6, "J" + le<std::int32_t>(-1) + "\x85", size1(1))), HasSubstr("size -1"));
  EXPECT_THAT(refused(tensor("0", 6, "\x8a\x08" + le<std::int64_t>(std::int64_t{1} << 62) + "K\x04\x86", size2(0, 0))),
              HasSubstr("impossible shape"));
  EXPECT_THAT(refused(tensor("0", 6, "\x8a\x08" + le<std::int64_t>(std::int64_t{1} << 62) + "\x85",
                             "\x8a\x08" + le<std::int64_t>(std::int64_t{1} << 62) + "\x85")),
              HasSubstr("impossible shape"));
  EXPECT_THAT(refused(tensor("0", 6, size2(1, 6), size1(1))), HasSubstr("2 sizes and 1 strides"));
  EXPECT_THAT(refused(tensor("0", 6, size1(6), size1(1), 0, "QInt8Storage")), HasSubstr("'torch.QInt8Storage'"));
  EXPECT_THAT(refused(tensor("0", 6, size1(6), size1(1), 0, "FloatStorage", "cuda:0")),
              HasSubstr("nothing was refused"));  // the stored device is not the target device
}

TEST(TorchFile, OtherFormatsAreRefusedWithWhatToDo) {
  const auto refused = [](const std::string& file) {
    return message_of([&] { read_torch_file(bytes_of(file), "x.pth"); });
  };
  EXPECT_THAT(refused("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03."),
              HasSubstr("before version 1.6"));
  EXPECT_THAT(refused("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."),
              HasSubstr("python3 -c \"import sys, torch; torch.save(torch.load("));
  EXPECT_THAT(refused(std::string(257, '\0') + "ustar\0"s + std::string(300, '\0')), HasSubstr("before version 1.6"));
  EXPECT_THAT(refused(pickle("}")), HasSubstr("a bare pickle"));
  EXPECT_THAT(refused(zip_of({{"readme.txt", "words"}})), HasSubstr("not one of PyTorch"));
  EXPECT_THAT(refused(torch_zip("}", {{"archive/byteorder", "big"}})), HasSubstr("byte order 'big'"));
  EXPECT_THAT(refused(torch_zip("}", {{"archive/constants.pkl", "x"}})), HasSubstr("TorchScript"));
}

TEST(TorchFile, CutFilesSayWhatIsThereAndWhatIsWanted) {
  const std::string file = torch_zip(dict(word("a") + tensor("0", 1000, "M\xe8\x03\x85", size1(1))),
                                     {{"archive/data/0", std::string(4000, 'x')}});
  const std::string cut = file.substr(0, file.size() * 6 / 10);
  EXPECT_THAT(message_of([&] { read_torch_file(bytes_of(cut), "x.pth"); }),
              HasSubstr("x.pth: the file is truncated: " + std::to_string(cut.size()) +
                        " bytes found, its tensors alone need 4000."));
  const std::string no_end = file.substr(0, file.size() - 4);
  EXPECT_THAT(message_of([&] { read_torch_file(bytes_of(no_end), "x.pth"); }), HasSubstr("is truncated"));
}

TEST(StateDict, IsFoundInsideACheckpoint) {
  const std::string t = tensor("0", 1, size1(1), size1(1));
  const std::string weights = dict(word("w") + t + word("epochs") + "K\x07");
  const auto found = [](const std::string& body, const std::string& entry = "") {
    const auto p = load(body);
    return find_state_dict(*p.root, {"model_state_dict"}, entry, "x.pth").entry;
  };
  EXPECT_EQ(found(weights), "");
  EXPECT_EQ(found(dict(word("iter") + "K\x05" + word("model_state_dict") + weights + word("optimizer_state_dict") +
                       dict(word("state") + "}"))),
            "model_state_dict");
  EXPECT_EQ(found(dict(word("state_dict") + dict(word("model") + weights))), "state_dict/model");
  EXPECT_EQ(found(dict(word("odd") + weights + word("epoch") + "K\x05")), "odd");
  EXPECT_EQ(found(dict(word("base") + weights + word("branch") + weights), "branch"), "branch");
  EXPECT_THAT(message_of([&] { found(dict(word("base") + weights + word("branch") + weights)); }),
              HasSubstr("contains base: a dictionary of 1 tensors, branch: a dictionary of 1 tensors"));
  EXPECT_THAT(message_of([&] { found(weights, "none"); }), HasSubstr("no entry 'none'"));
  EXPECT_THAT(message_of([&] { found("]"); }), HasSubstr("contains a list"));
  const auto p = load(weights);
  EXPECT_EQ(find_state_dict(*p.root, {}, "", "x").others, std::vector<std::string>{"epochs: an integer"});
  EXPECT_TRUE(find_state_dict(*p.root, {}, "", "x").around.empty());
  const auto outer = load(dict(word("mean") + t + word("model") + dict(word("centre") + t + word("net") + weights)));
  const auto inner = find_state_dict(*outer.root, {}, "model/net", "x");
  ASSERT_EQ(inner.around.size(), 2u);
  EXPECT_EQ(inner.around[0].name, "mean");
  EXPECT_EQ(inner.around[1].name, "centre");
}

TEST(StateDict, ScoresAtTheTopAreNoWeightsAndTheBestFitIsTaken) {
  const std::string t = tensor("0", 2, size1(2), size1(1)), score = tensor("1", 1, ")", ")");
  const std::string weights = dict(word("w") + t), others = dict(word("v") + t);
  const auto found = [](const std::string& body, const std::string& wanted) {
    const auto p = load(body);
    const FitOf fit = [&](std::span<const NamedView> tensors) {
      return static_cast<std::size_t>(
          std::count_if(tensors.begin(), tensors.end(), [&](const auto& entry) { return entry.name == wanted; }));
    };
    return find_state_dict(*p.root, {"state_dict"}, "", "x.pth", wanted.empty() ? FitOf{} : fit).entry;
  };
  EXPECT_EQ(found(dict(word("state_dict") + weights + word("best_acc1") + score), ""), "state_dict");
  EXPECT_EQ(found(dict(word("loss") + score + word("odd") + weights), ""), "odd");
  // Centres outside the network: tensors with dimensions at the top.
  EXPECT_EQ(found(dict(word("centers") + t + word("state_dict") + weights), "w"), "state_dict");
  EXPECT_EQ(found(dict(word("state_dict") + others + word("backbone") + weights), "w"), "backbone");
  EXPECT_EQ(found(dict(word("ema") + weights + word("state_dict") + weights), "w"), "state_dict");
  EXPECT_EQ(found(dict(word("a") + dict(word("b") + weights) + word("optimizer") + others), "w"), "a/b");
  EXPECT_THAT(
      message_of([&] { found(dict(word("a") + weights + word("b") + weights), "w"); }),
      HasSubstr(
          "the file contains a: a dictionary of 1 tensors, b: a dictionary of 1 tensors, which fit equally well"));
}

std::string safetensors(const std::string& header, const std::string& data) {
  return le(static_cast<std::uint64_t>(header.size())) + header + data;
}

TEST(SafetensorsIndex, CutFilesSayWhatIsThereAndWhatIsWanted) {
  const std::string file = safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", floats({1, 2}));
  EXPECT_EQ(read_safetensors_index(bytes_of(file), "x").tensors.size(), 1u);
  const std::string cut = file.substr(0, file.size() - 3);
  EXPECT_THAT(message_of([&] { read_safetensors_index(bytes_of(cut), "x"); }),
              HasSubstr(std::to_string(cut.size()) + " bytes found, " + std::to_string(file.size()) + " expected"));
  const std::string head = file.substr(0, 20);
  EXPECT_THAT(message_of([&] { read_safetensors_index(bytes_of(head), "x"); }),
              HasSubstr("20 bytes found, its header alone needs"));
}

TEST(SafetensorsIndex, FilesOfPyTorchAreNamed) {
  const auto file = torch_zip("}");
  EXPECT_THAT(message_of([&] { read_safetensors_index(bytes_of(file), "x.pth"); }), HasSubstr("x.pth: a PyTorch file"));
}

TEST(SafetensorsIndex, ImpossibleEntriesAreRefused) {
  const auto refused = [](const std::string& header) {
    const auto file = safetensors(header, floats({1, 2}));
    return message_of([&] { read_safetensors_index(bytes_of(file), "x"); });
  };
  EXPECT_THAT(refused(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})"),
              HasSubstr("does not match its number of bytes"));
  EXPECT_THAT(refused(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}})"),
              HasSubstr("does not match its number of bytes"));
  EXPECT_THAT(refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})"), HasSubstr("impossible offsets"));
  EXPECT_THAT(refused(R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}})"), HasSubstr("element type 'F4'"));
  EXPECT_THAT(refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                      R"("b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})"),
              HasSubstr("overlap"));
  EXPECT_THAT(refused(R"({"a":5})"), HasSubstr("x: tensor 'a'"));
  EXPECT_THAT(refused(R"([1])"), HasSubstr("not a safetensors file"));
}

TEST(StandIn, PointersAndWebPagesAreNamed) {
  EXPECT_THAT(message_of([] {
                refuse_stand_in("version https://git-lfs.github.com/spec/v1\noid sha256:0f\nsize 12345\n", "x.pth");
              }),
              HasSubstr("x.pth: a Git LFS pointer of 68 bytes, not the file itself (12345 bytes)."));
  EXPECT_THAT(message_of([] { refuse_stand_in("\n<!DOCTYPE HTML><title>Too large to scan</title>", "x.pth"); }),
              HasSubstr("a web page"));
  EXPECT_NO_THROW(refuse_stand_in("", "x"));
}

}  // namespace
}  // namespace mien::weights
