// SPDX-License-Identifier: Apache-2.0
// Published checkpoints in the layouts of card 7, generated here in the small preset, as .pth and as safetensors.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/method/import.h"
#include "mien/methods/ifer/loss_networks.h"
#include "mien/methods/ifer/whole.h"
#include "support/errors.h"
#include "support/method_case.h"
#include "support/temp_dir.h"
#include "support/torch_archive.h"

namespace mien::methods::ifer {

testing::MethodCase method_case();

namespace {

using ::testing::HasSubstr;

nn::NamedTensors with_prefix(const std::string& prefix, const nn::NamedTensors& all) {
  nn::NamedTensors out;
  for (const auto& [key, value] : all) out.emplace_back(prefix + key, value);
  return out;
}

nn::NamedTensors joined(nn::NamedTensors a, const nn::NamedTensors& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Values that no random network has: 0.25 everywhere.
nn::NamedTensors marked(const torch::nn::Module& module) {
  nn::NamedTensors out;
  for (const auto& [key, value] : nn::state_of(module)) {
    const bool is_number = value.is_floating_point();
    out.emplace_back(key, is_number ? at::full_like(value, 0.25) : value.clone());
  }
  return out;
}

/// Tensors next to the dictionary of the weights.
struct File {
  std::string entry;
  nn::NamedTensors tensors, around;
};

std::string numbers(at::IntArrayRef values) {
  std::string out = "(";
  for (const auto value : values) out.append("J").append(testing::le(static_cast<std::int32_t>(value)));
  return out + "t";
}

/// Items of a dictionary as torch.save writes them; the data go to `storages`.
std::string items(const nn::NamedTensors& tensors, std::vector<testing::Member>& storages) {
  std::string out;
  for (const auto& [key, value] : tensors) {
    const at::Tensor whole = value.contiguous();
    const std::string name = std::to_string(storages.size());
    const char* type = whole.scalar_type() == at::kLong ? "LongStorage" : "FloatStorage";
    out += testing::word(key) + testing::tensor(name, static_cast<std::int32_t>(whole.numel()), numbers(whole.sizes()),
                                                numbers(whole.strides()), 0, type);
    storages.push_back(
        {"archive/data/" + name, std::string(static_cast<const char*>(whole.const_data_ptr()), whole.nbytes())});
  }
  return out;
}

/// As torch.save writes {entry: {key: tensor, ...}, "opts": {}, key: tensor, ...}.
void save_pth(const std::filesystem::path& path, const File& file) {
  std::vector<testing::Member> members;
  const std::string weights = "}(" + items(file.tensors, members) + "u";
  const std::string body =
      "}(" + testing::word(file.entry) + weights + testing::word("opts") + "}" + items(file.around, members) + "u";
  members.insert(members.begin(), {"archive/data.pkl", "\x80\x02" + body + "."});
  write_file(path, testing::zip_of(members));
}

/// The same tensors in both kinds of file.
std::vector<std::filesystem::path> save(const testing::TempDir& dir, const std::string& name, const File& file) {
  const std::vector<std::filesystem::path> files{dir / (name + ".pth"), dir / (name + ".safetensors")};
  save_pth(files[0], file);
  nn::write_safetensors(files[1], joined(file.tensors, file.around), {});
  return files;
}

class Published : public ::testing::Test {
 protected:
  Published() : method_(testing::build(*make_config(), method_case())) {}
  IferNetImpl& network() { return dynamic_cast<IferNetImpl&>(method_->network()); }

  method::ImportReport import(const std::filesystem::path& path) {
    const auto file = nn::read_weights(path, method_->import_rules().containers, "", {}, method::fit_of(*method_));
    return method::import_weights(*method_, file);
  }
  static bool is_marked(const torch::nn::Module& module) {
    const auto parameters = module.parameters();
    return std::all_of(parameters.begin(), parameters.end(),
                       [](const auto& p) { return p.eq(0.25).all().template item<bool>(); });
  }

  testing::TempDir dir_;
  std::unique_ptr<method::Method> method_;
};

TEST_F(Published, AsitFillsEncoderAndGenerator) {
  const auto tensors = joined(with_prefix("encoder.", marked(*network().feature_model)),
                              with_prefix("decoder.", marked(*network().decoder)));
  const auto mean_code = torch::arange(64, at::kFloat);
  for (const auto& saved : {mean_code, mean_code.expand({10, 64}), mean_code.view({1, 64})})
    for (const auto& file : save(dir_, "asit", {"state_dict", tensors, {{"latent_avg", saved}}})) {
      method_->initialise(2);
      const auto report = import(file);
      EXPECT_TRUE(report.complete()) << join(method::describe(report), "\n");
      EXPECT_TRUE(network().latent_avg.equal(mean_code)) << file;
    }
  const auto rows = torch::arange(640, at::kFloat).view({10, 64});
  for (const auto& file : save(dir_, "asit", {"state_dict", tensors, {{"latent_avg", rows}}}))
    EXPECT_THAT(import(file).mismatched, ::testing::ElementsAre(HasSubstr("latent_avg: (10, 64)"))) << file;
  for (const auto& file : save(dir_, "asit", {"state_dict", tensors, {}})) {
    method_->initialise(2);
    const auto report = import(file);
    EXPECT_TRUE(report.complete()) << join(method::describe(report), "\n");
    EXPECT_EQ(report.loaded, tensors.size());
    EXPECT_EQ(network().latent_avg.abs().sum().item<float>(), 0);
    EXPECT_TRUE(is_marked(*network().feature_model)) << file;
    EXPECT_TRUE(is_marked(*network().decoder)) << file;
    EXPECT_FALSE(is_marked(*network().head)) << file;
  }
}

TEST_F(Published, IferFillsTheRecognitionNetwork) {
  auto tensors = with_prefix("feature_model.", marked(*network().feature_model));
  for (const auto& [prefix, part] :
       std::map<std::string, torch::nn::Module*>{{"conv.", network().conv.get()},
                                                 {"style_conv.", network().style_conv.get()},
                                                 {"head.", network().head.get()}})
    tensors = joined(tensors, with_prefix(prefix, marked(*part)));
  for (const auto& file : save(dir_, "ifer", {"state_dict", tensors, {}})) {
    method_->initialise(2);
    const auto report = import(file);
    EXPECT_TRUE(report.complete()) << join(method::describe(report), "\n");
    EXPECT_TRUE(is_marked(*network().feature_model)) << file;
    EXPECT_TRUE(is_marked(*network().head)) << file;
    EXPECT_FALSE(is_marked(*network().decoder)) << file;
  }
}

TEST_F(Published, WhatIsMissingIsListed) {
  auto tensors = with_prefix("encoder.", marked(*network().feature_model));
  const std::string gone = tensors.back().first.substr(std::string("encoder.").size());
  tensors.pop_back();
  tensors.emplace_back("encoder.last_block.scale", torch::ones({2}));
  for (const auto& file : save(dir_, "cut", {"state_dict", tensors, {}})) {
    const auto report = import(file);
    EXPECT_FALSE(report.complete());
    const std::string table = join(method::describe(report), "\n");
    EXPECT_THAT(table, HasSubstr("missing       feature_model." + gone));
    EXPECT_THAT(table, HasSubstr("unexpected    feature_model.last_block.scale"));
  }
}

TEST_F(Published, TheEncoderAloneIsReadAsABackbone) {
  const auto tensors = joined(with_prefix("encoder.", marked(*network().feature_model)),
                              with_prefix("decoder.", marked(*network().decoder)));
  for (const auto& file : save(dir_, "asit", {"state_dict", tensors, {}})) {
    method_ = testing::build(*make_config(), method_case(), {fmt::format("init.backbone={}", file.string())});
    EXPECT_TRUE(is_marked(*network().feature_model)) << file;
    EXPECT_FALSE(is_marked(*network().decoder)) << file;
  }
}

TEST_F(Published, TheDecoderOfAnAsitFileIsReadAsAGenerator) {
  const auto tensors = joined(with_prefix("encoder.", marked(*network().feature_model)),
                              with_prefix("decoder.", marked(*network().decoder)));
  const auto mean_code = torch::ones({64});
  for (const auto& file : save(dir_, "asit", {"state_dict", tensors, {{"latent_avg", mean_code}}})) {
    method_ = testing::build(*make_config(), method_case(), {fmt::format("init.generator={}", file.string())});
    EXPECT_FALSE(is_marked(*network().feature_model)) << file;
    EXPECT_TRUE(is_marked(*network().decoder)) << file;
    EXPECT_TRUE(network().latent_avg.equal(mean_code)) << file;
  }
}

/// The inversion takes the file's mean code instead of sampling one; another generator has a different one.
TEST_F(Published, StyleGan2BringsItsMeanCode) {
  const auto mean_code = torch::ones({64});
  for (const auto& file : save(dir_, "stylegan2", {"g_ema", marked(*network().decoder), {{"latent_avg", mean_code}}})) {
    method::DataFacts facts = method_->facts();
    facts.input.mean = facts.input.std = {0.5f};
    Fields fields;
    const auto config = make_config();
    config->declare(fields);
    for (const auto& setting : method_case().tiny) fields.set_text(setting);
    fields.set_text(fmt::format("init.generator={}", file.string()));
    method_ = config->build(facts);
    method_->initialise(1);
    method::HookContext context;
    method_->stages().at(1).hooks.stage_begin(context);
    EXPECT_TRUE(network().latent_avg.equal(mean_code)) << file;
    method_->stages().at(0).hooks.stage_begin(context);
    EXPECT_EQ(network().latent_avg.abs().sum().item<float>(), 0);
    method_->stages().at(1).hooks.stage_begin(context);
    EXPECT_FALSE(network().latent_avg.equal(mean_code)) << file;
    EXPECT_GT(network().latent_avg.abs().sum().item<float>(), 0);
  }
  for (const auto& file :
       save(dir_, "odd", {"g_ema", marked(*network().decoder), {{"latent_avg", torch::ones({32})}}})) {
    const Error error =
        testing::error_of([&] { load_generator(network().decoder, network().latent_avg, file.string()); });
    EXPECT_THAT(error.message(), HasSubstr("latent_avg has the shape (32), expected (64)"));
  }
}

TEST_F(Published, StyleGan2FillsTheGenerator) {
  auto tensors = marked(*network().decoder);
  for (const auto& file : save(dir_, "stylegan2", {"g_ema", tensors, {}})) {
    method_ = testing::build(*make_config(), method_case(), {fmt::format("init.generator={}", file.string())});
    EXPECT_TRUE(is_marked(*network().decoder)) << file;
    EXPECT_FALSE(is_marked(*network().feature_model)) << file;
  }
  tensors.erase(tensors.begin());
  for (const auto& file : save(dir_, "cut", {"g_ema", tensors, {}})) {
    const Error error =
        testing::error_of([&] { load_generator(network().decoder, network().latent_avg, file.string()); });
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_THAT(error.message(), HasSubstr("the generator (init.generator): 1 missing"));
    EXPECT_THAT(error.message(), HasSubstr(file.string() + ": "));
  }
}

TEST_F(Published, LpipsComesInTwoFiles) {
  Lpips lpips;
  nn::NamedTensors alexnet, linear;
  for (const auto& [key, value] : marked(*lpips)) {
    if (key.starts_with("net.layers.")) alexnet.emplace_back("features." + key.substr(11), value);
    if (key.starts_with("lin.")) linear.emplace_back(fmt::format("lin{}.model.{}", key[4], key.substr(6)), value);
  }
  alexnet.emplace_back("classifier.6.bias", torch::zeros({1000}));
  const auto first = save(dir_, "alexnet", {"state_dict", alexnet, {}}),
             second = save(dir_, "lpips", {"state_dict", linear, {}});
  for (std::size_t i = 0; i < first.size(); ++i) {
    IferConfig config;
    config.lpips_files = {first[i].string(), second[i].string()};
    LossNetworks networks = load_loss_networks(config);
    EXPECT_TRUE(is_marked(*networks.lpips)) << first[i];
    config.lpips_files.pop_back();
    const Error error = testing::error_of([&] { load_loss_networks(config); });
    EXPECT_THAT(error.message(), HasSubstr("5 missing (lin."));
  }
}

TEST_F(Published, LossNetworksAreUsedAndStayOutOfCheckpoints) {
  Lpips lpips;
  nn::NamedTensors all;
  for (const auto& [key, value] : marked(*lpips))
    if (key.starts_with("lin.") || key.starts_with("net.layers.")) all.emplace_back(key, value);
  const auto file = save(dir_, "whole", {"state_dict", all, {}}).front();
  const auto with = testing::build(*make_config(), method_case(), {fmt::format("init.lpips=[\"{}\"]", file.string())});
  EXPECT_EQ(nn::state_of(with->network()).size(), nn::state_of(method_->network()).size());
  EXPECT_EQ(with->extra_state().size(), method_->extra_state().size());
  EXPECT_EQ(with->fixed_state().size(), nn::state_of(*lpips).size());
  for (const auto& [key, value] : with->fixed_state()) EXPECT_FALSE(value.requires_grad()) << key;
}

/// The error of a generator of 256 px names the sizes of both presets.
TEST_F(Published, AGeneratorOfTheOtherPresetNamesBothSizes) {
  Generator large(sizes_of(Preset::base).generator);
  nn::write_safetensors(dir_ / "large.safetensors", nn::state_of(*large), {});
  const Error error = testing::error_of(
      [&] { load_generator(network().decoder, network().latent_avg, (dir_ / "large.safetensors").string()); });
  EXPECT_THAT(error.message(), HasSubstr("(512, 512) in the file, (64, 64) here"));
}

/// One weight of IR-SE50 under each prefix: all the others are missing, and it is not unexpected.
TEST_F(Published, IdentityIsFoundUnderItsPrefixes) {
  const Sizes sizes = sizes_of(Preset::small);
  IdentityNetwork identity(sizes.face_rows, sizes.face_columns);
  const auto whole = marked(*identity);
  const std::string key = whole.front().first.substr(std::string("facenet.").size());
  // Counters of batch norms may be missing.
  const auto needed = std::count_if(whole.begin(), whole.end(),
                                    [](const auto& tensor) { return !tensor.first.ends_with("num_batches_tracked"); });
  const std::string missing = fmt::format(": {} missing (", needed - 1);
  for (const std::string prefix : {"", "facenet.", "id.facenet."})
    for (const auto& file : save(dir_, "irse50", {"state_dict", {{prefix + key, whole.front().second}}, {}})) {
      IferConfig config;
      config.preset = Preset::small;
      config.identity_file = file.string();
      const Error error = testing::error_of([&] { load_loss_networks(config); });
      EXPECT_THAT(error.message(), HasSubstr(missing));
      EXPECT_THAT(error.message(), ::testing::Not(HasSubstr("unexpected")));
    }
}

}  // namespace
}  // namespace mien::methods::ifer
