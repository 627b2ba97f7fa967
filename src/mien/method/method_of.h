// SPDX-License-Identifier: Apache-2.0
// Common code of methods with one network: a method derives from MethodOf and adds its losses, its prediction and
// its export; config_of() creates its entry in the registry.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mien/method/import.h"
#include "mien/method/method.h"
#include "mien/nn/resnet.h"

namespace mien::method {

/// `Net` is a module holder, usually constructed from (config, number of classes, input channels). `Config` derives
/// from CommonConfig.
template <class Config, class Net>
class MethodOf : public Method {
 public:
  MethodOf(const MethodInfo& info, const Config& config, const DataFacts& facts)
      : MethodOf(info, config, facts,
                 Net(config, static_cast<std::int64_t>(facts.classes.size()), facts.input.channels)) {}
  /// For networks with other constructor arguments.
  MethodOf(const MethodInfo& info, const Config& config, const DataFacts& facts, Net network)
      : config_(config), facts_(facts), network_(std::move(network)), info_(info) {}

  const MethodInfo& info() const final { return info_; }
  const DataFacts& facts() const final { return facts_; }
  torch::nn::Module& network() final { return *network_; }
  void initialise(std::uint64_t seed) final {
    torch::manual_seed(seed);
    const torch::NoGradGuard no_grad;
    draw();
  }
  Prediction predict(const at::Tensor& images) final {
    const torch::NoGradGuard no_grad;
    network_->eval();
    return answer(images);
  }

 protected:
  /// The paper's initialisation of the network and of all other learned tensors; the generator is seeded.
  virtual void draw() = 0;
  /// predict() with the network in inference mode and without gradients.
  virtual Prediction answer(const at::Tensor& images) = 0;

  std::int64_t num_classes() const { return static_cast<std::int64_t>(facts_.classes.size()); }

  /// Reads init.backbone into a part of the network with the layout of ResNet-18; without a file it does nothing.
  void load_backbone(torch::nn::Module& part) const {
    if (!config_.backbone.empty()) method::load_backbone(part, config_.backbone, nn::backbone_names());
  }

  /// The network's parameters whose keys satisfy `belongs`.
  ParameterGroup group(
      const std::string& name,
      const std::function<bool(const std::string&)>& belongs = [](const std::string&) { return true; }) const {
    ParameterGroup out{name, {}};
    for (const auto& parameter : network_->named_parameters())
      if (belongs(parameter.key())) out.parameters.emplace_back(parameter.key(), parameter.value());
    return out;
  }

  /// One stage with one player, whose network is averaged, and one turn.
  Stage one_stage(std::vector<View> views, std::vector<ParameterGroup> groups,
                  std::function<Losses(const batch::Batch&, const StepContext&)> losses) const {
    Stage stage;
    stage.needs.views = std::move(views);
    stage.needs.sampler = config_.sampler;
    stage.players.push_back({"network", std::move(groups), config_.optimiser, MovingAverage{}});
    stage.turns.push_back({0, 1, std::move(losses)});
    return stage;
  }

  Config config_;
  DataFacts facts_;
  Net network_;

 private:
  const MethodInfo& info_;
};

namespace detail {
/// The free function of the configuration; inside a class, its member of the same name would be found instead.
template <class Config>
void declare_fields(Fields& fields, Config& config) {
  declare(fields, config);
}

template <class M, class Config>
class ConfigOf final : public MethodConfig {
 public:
  using Golden = void (*)(GoldenScribe&);
  ConfigOf(const MethodInfo& info, Golden golden) : info_(info), golden_(golden) {}
  const MethodInfo& info() const override { return info_; }
  void declare(Fields& fields) override { declare_fields(fields, config_); }
  std::unique_ptr<Method> build(const DataFacts& facts) override { return std::make_unique<M>(config_, facts); }
  void answer_golden(GoldenScribe& scribe) const override { golden_(scribe); }

 private:
  const MethodInfo& info_;
  Golden golden_;
  Config config_;
};
}  // namespace detail

/// The configuration of method M, which is constructed from (Config, DataFacts). A free declare(Fields&, Config&) lists
/// its fields; `golden` computes the tensors of its golden files.
template <class M, class Config>
std::unique_ptr<MethodConfig> config_of(const MethodInfo& info, void (*golden)(GoldenScribe&)) {
  return std::make_unique<detail::ConfigOf<M, Config>>(info, golden);
}

}  // namespace mien::method
