// SPDX-License-Identifier: Apache-2.0
// A method only for tests that uses every part of the interface at once, in three stages:
//   align     unlabelled pictures of its own pack; two players, of which the critic has a turn every second step,
//             with second-order gradients; further pictures joined by wrap; landmarks, pose and boxes; norms in
//             inference mode from the second epoch on; scored over the whole part; passes its best state on
//   classify  no views: features are looked up by index in a cache that stage_begin fills; everything else is frozen;
//             capped batches, a fixed number of steps per epoch, patience; passes its last state on
//   whole     the whole network on mixed pictures; evaluated by a loss; schedule and average continue from classify
#pragma once

#include "mien/method/method.h"

namespace mien::testing {

struct EverythingOptions {
  std::string faces;         ///< the pack of the first stage
  std::int64_t poison = -1;  ///< step of align at which the critic's penalty is not a number
};

struct EverythingNet : torch::nn::Module {
  EverythingNet();
  /// (B,1,H,W) → (B,4)
  at::Tensor features(const at::Tensor& images);

  torch::nn::Sequential body, critic;
  torch::nn::Linear landmarks{nullptr}, pose{nullptr}, boxes{nullptr}, head{nullptr};
};

class Everything final : public method::Method {
 public:
  Everything(EverythingOptions options, method::DataFacts facts);

  const method::MethodInfo& info() const override;
  const method::DataFacts& facts() const override { return facts_; }
  torch::nn::Module& network() override { return *network_; }
  nn::NamedTensors extra_state() override { return {{"mean_code", mean_code_}}; }
  nn::NamedTensors fixed_state() override { return {{"filter", filter_}}; }
  void initialise(std::uint64_t seed) override;
  std::vector<method::Stage> stages() override { return {align(), classify(), whole()}; }
  method::Prediction predict(const at::Tensor& images) override;
  method::Deploy deploy(const method::DeployOptions& options = {}) override;

  const at::Tensor& filter() const { return filter_; }

  // Values that the tests check.
  std::vector<std::string> calls;                 ///< "align", "classify resumed": each stage_begin
  std::vector<double> progress;                   ///< values passed to the wrap of `whole`
  std::vector<std::vector<std::int64_t>> scored;  ///< indices of the pictures in each score of `align`
  std::vector<at::Tensor> body_at_stage_begin;    ///< first convolution, at each call

 private:
  method::Stage align();
  method::Stage classify();
  method::Stage whole();
  method::Losses critic_losses(const batch::Batch& batch, const method::StepContext& context);
  method::Losses body_losses(const batch::Batch& batch);
  method::ParameterGroup group(std::initializer_list<const char*> prefixes);
  void begin(const char* stage, const method::HookContext& context);
  void clamp_first_filters();  ///< to ±0.25, after the initialisation and after each step of align
  void fill_cache(method::HookContext& context);
  at::Tensor cached(const at::Tensor& index) const;

  EverythingOptions options_;
  method::DataFacts facts_;
  std::shared_ptr<EverythingNet> network_;
  at::Tensor mean_code_;  ///< (4)
  at::Tensor filter_;     ///< (1,1,3,3), used and not trained
  at::Tensor cache_;      ///< (pictures of the pack, 4); not in checkpoints
};

}  // namespace mien::testing
