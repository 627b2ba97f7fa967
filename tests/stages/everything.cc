// SPDX-License-Identifier: Apache-2.0
#include "stages/everything.h"

#include "mien/base/error.h"
#include "mien/nn/cross_entropy.h"
#include "mien/nn/scaling.h"

namespace mien::testing {
namespace {

constexpr std::int64_t kWidth = 4, kPoints = 68;

at::Tensor plain_view(const at::Tensor& pixels, const face::InputSpec& input) {
  return nn::normalise(nn::resize_to_input(pixels, input), input);
}

batch::View noisy_view(const face::InputSpec& input) {
  return [input](const at::Tensor& pixels, batch::Batch&, at::Generator& generator) {
    const at::Tensor images = plain_view(pixels, input);
    return images + 0.1 * at::randn(images.sizes(), generator, images.options());
  };
}

/// Mean of a picture and its further one, by a weight of each pair; targets are mixed, other fields stay the picture's.
void join_further(batch::Batch& batch, at::Generator& generator, double) {
  const std::int64_t own = batch.size() / 2;
  const at::Tensor share = at::rand({own, 1, 1}, generator);
  const auto mix = [&](const at::Tensor& both, const at::Tensor& weight) {
    return weight * both.slice(0, 0, own) + (1 - weight) * both.slice(0, own);
  };
  batch.views.front() = mix(batch.views.front(), share.unsqueeze(3));
  batch.landmarks = mix(batch.landmarks, share);
  for (at::Tensor* rows : {&batch.labels, &batch.index, &batch.distribution, &batch.landmarks_known, &batch.pose,
                           &batch.pose_known, &batch.boxes_known})
    *rows = rows->slice(0, 0, own);
  batch.boxes.resize(static_cast<std::size_t>(own));
}

void mix_with_reversed(batch::Batch& batch, at::Generator& generator) {
  const at::Tensor share = at::rand({1}, generator);
  batch.views.front() = share * batch.views.front() + (1 - share) * batch.views.front().flip(0);
  batch.distribution = share * batch.distribution + (1 - share) * batch.distribution.flip(0);
}

/// Mean absolute error of a prediction (B,n) over the known rows or entries.
at::Tensor error_of(const at::Tensor& prediction, const at::Tensor& target, const at::Tensor& known) {
  const at::Tensor weight = known.to(at::kFloat).expand_as(target);
  return ((prediction - target).abs() * weight).sum() / weight.sum().clamp_min(1);
}

/// The first box of each picture (B,4); zeros if there is none.
at::Tensor first_boxes(const batch::Batch& batch) {
  std::vector<at::Tensor> rows;
  for (const auto& boxes : batch.boxes)
    rows.push_back(boxes.size(0) > 0 ? boxes[0].slice(0, 0, 4) : at::zeros({4}, boxes.options()));
  return at::stack(rows);
}

method::OptimiserOptions options_of(method::OptimiserKind kind, double rate) {
  method::OptimiserOptions options;
  options.kind = kind;
  options.rate = rate;
  return options;
}

}  // namespace

EverythingNet::EverythingNet() {
  using namespace torch::nn;
  body = register_module("body", Sequential(Conv2d(Conv2dOptions(1, kWidth, 3).stride(2).padding(1)),
                                            BatchNorm2d(kWidth), ReLU(), Dropout(0.2)));
  critic = register_module("critic", Sequential(Linear(kWidth, kWidth), Softplus(), Linear(kWidth, 1)));
  landmarks = register_module("landmarks", Linear(kWidth, 2 * kPoints));
  pose = register_module("pose", Linear(kWidth, 2));
  boxes = register_module("boxes", Linear(kWidth, 4));
  head = register_module("head", Linear(kWidth, 8));
}

at::Tensor EverythingNet::features(const at::Tensor& images) { return body->forward(images).mean({2, 3}); }

Everything::Everything(EverythingOptions options, method::DataFacts facts)
    : options_(std::move(options)),
      facts_(std::move(facts)),
      network_(std::make_shared<EverythingNet>()),
      mean_code_(at::zeros({kWidth})),
      filter_(at::ones({1, 1, 3, 3}) / 9) {}

const method::MethodInfo& Everything::info() const {
  static const method::MethodInfo info{"everything", "Everything", "", "", {"align", "classify", "whole"}};
  return info;
}

void Everything::initialise(std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(seed);
  for (auto& p : network_->parameters())
    if (p.dim() > 1) p.normal_(0, 0.3);
  clamp_first_filters();
}

void Everything::clamp_first_filters() {
  const torch::NoGradGuard no_grad;
  network_->body->parameters().front().clamp_(-0.25, 0.25);
}

method::ParameterGroup Everything::group(std::initializer_list<const char*> prefixes) {
  method::ParameterGroup out;
  for (const auto& p : network_->named_parameters())
    for (const char* prefix : prefixes)
      if (p.key().starts_with(prefix)) out.parameters.emplace_back(p.key(), p.value());
  return out;
}

method::Prediction Everything::predict(const at::Tensor& images) {
  const torch::NoGradGuard no_grad;
  network_->eval();
  const at::Tensor features = network_->features(images), logits = network_->head(features).to(at::kFloat);
  const at::Tensor boxes = network_->boxes(features) * at::tensor({images.size(3), images.size(2)}).repeat({2});
  method::Prediction out{logits, {}};
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    const auto [score, label] = logits[i].softmax(0).max(0);
    out.detections.push_back(at::cat({boxes[i], score.view({1}), label.view({1}).to(at::kFloat)}).view({1, 6}));
  }
  return out;
}

method::Deploy Everything::deploy(const method::DeployOptions&) {
  throw Error(ErrorKind::failed, "The method for tests is not exported.");
}

void Everything::begin(const char* stage, const method::HookContext& context) {
  calls.push_back(std::string(stage) + (context.is_resumed ? " resumed" : ""));
  body_at_stage_begin.push_back(network_->body->parameters().front().detach().clone());
}

method::Stage Everything::align() {
  method::Stage stage;
  stage.name = "align";
  stage.epochs = 2;
  auto& needs = stage.needs;
  needs.pack = options_.faces;
  needs.labels = false;
  needs.views = {noisy_view(facts_.input)};
  needs.batch_size = 6;
  needs.drop_last = true;
  needs.landmarks = needs.pose = needs.boxes = true;
  needs.further = 1;
  needs.wrap = join_further;
  method::MovingAverage average{"body.", 0.7, method::AverageWarmUp::exponential, 3};
  stage.players = {{"network",
                    {group({"body.", "landmarks.", "pose.", "boxes."})},
                    options_of(method::OptimiserKind::sgd, 0.05),
                    average},
                   {"critic", {group({"critic."})}, options_of(method::OptimiserKind::adam, 0.01)}};
  stage.turns = {{1, 2, [this](const auto& batch, const auto& context) { return critic_losses(batch, context); }},
                 {0, 1, [this](const auto& batch, const auto&) { return body_losses(batch); }}};
  stage.hooks.stage_begin = [this](method::HookContext& context) {
    begin("align", context);
    if (context.is_resumed) return;
    const torch::NoGradGuard no_grad;
    network_->eval();
    mean_code_.copy_(0.1 * at::randn({kWidth}));
    context.for_each_batch(true, [&](const batch::Batch& batch) {
      mean_code_.add_(network_->features(batch.images()).mean(0));
      return true;
    });
  };
  stage.hooks.epoch_begin = [this](method::HookContext&) { mean_code_.add_(0.01 * at::randn({kWidth})); };
  stage.hooks.epoch_end = [this](method::HookContext& context) {
    context.record["mean_code"] = mean_code_.norm().item<double>();
    context.pictures.push_back({"first filters", at::full({1, 4, 6}, 7, at::kByte)});
  };
  stage.hooks.after_step = [this](const batch::Batch&, const method::StepContext&) { clamp_first_filters(); };
  stage.inference_norms = {{"body.1", 1}};
  stage.score = [this](const method::BatchPass& for_each_batch) -> method::Figures {
    double error = 0;
    std::int64_t pictures = 0;
    auto& seen = scored.emplace_back();
    for_each_batch([&](const batch::Batch& batch) {
      for (std::int64_t i = 0; i < batch.size(); ++i) seen.push_back(batch.index[i].item<std::int64_t>());
      const at::Tensor points = network_->landmarks(network_->features(batch.images()));
      error += (points - batch.landmarks.flatten(1)).abs().mean(1).sum().item<double>();
      pictures += batch.size();
      return true;
    });
    return {{"agreement", 10 - error / static_cast<double>(pictures)}, {"error", error}};
  };
  stage.hand_over = method::HandOver::best;
  return stage;
}

/// Runs in inference mode, which must not persist in the next turn.
method::Losses Everything::critic_losses(const batch::Batch& batch, const method::StepContext& context) {
  network_->eval();
  at::Tensor features;
  {
    const torch::NoGradGuard no_grad;
    features = network_->features(batch.images());
  }
  features = features.detach().requires_grad_();
  const at::Tensor score = network_->critic->forward(features);
  const at::Tensor gradient = torch::autograd::grad({score.sum()}, {features}, {}, true, /*create_graph=*/true).front();
  at::Tensor penalty = gradient.square().sum(1).mean();
  if (context.step == options_.poison) penalty = penalty * std::numeric_limits<double>::quiet_NaN();
  return {{"adversarial", at::softplus(-score).mean(), 1}, {"penalty", penalty, 0.5}};
}

method::Losses Everything::body_losses(const batch::Batch& batch) {
  if (!network_->is_training()) throw Error(ErrorKind::failed, "The modes were not restored before the turn.");
  const at::Tensor smooth = at::conv2d(batch.images(), filter_, {}, 1, 1);
  const at::Tensor features = network_->features(smooth);
  const at::Tensor points = network_->landmarks(features);
  return {{"landmarks", error_of(points, batch.landmarks.flatten(1), batch.landmarks_known.unsqueeze(1)), 1},
          {"pose", error_of(network_->pose(features), batch.pose / 90, batch.pose_known), 0.5},
          {"boxes", error_of(network_->boxes(features), first_boxes(batch), batch.boxes_known.unsqueeze(1)), 1},
          {"adversarial", at::softplus(network_->critic->forward(features)).mean(), 0.1},
          {"distance", (features - mean_code_).norm(), 0}};
}

void Everything::fill_cache(method::HookContext& context) {
  const torch::NoGradGuard no_grad;
  network_->eval();
  cache_ = at::zeros({1024, kWidth});
  const auto keep = [this](const batch::Batch& batch) {
    cache_.index_put_({batch.index}, network_->features(batch.images()));
    return true;
  };
  context.for_each_batch(false, keep);
  context.for_each_validation_batch(keep);
}

at::Tensor Everything::cached(const at::Tensor& index) const { return cache_.index_select(0, index); }

method::Stage Everything::classify() {
  method::Stage stage;
  stage.name = "classify";
  stage.epochs = 9;
  stage.patience = 2;
  stage.needs.sampler = batch::Sampler::capped_batches;
  stage.needs.batch_size = 5;
  stage.needs.steps_per_epoch = 3;
  method::MovingAverage average{"head.", 0.5};
  stage.players = {{"head", {group({"head."})}, options_of(method::OptimiserKind::sgd, 0.1), average}};
  stage.turns = {{0, 1, [this](const batch::Batch& batch, const method::StepContext&) -> method::Losses {
                    const at::Tensor logits = network_->head(cached(batch.index));
                    return {{"cross_entropy", nn::cross_entropy(logits, batch.distribution), 1}};
                  }}};
  stage.frozen = {"body.", "landmarks.", "pose.", "boxes.", "critic."};
  stage.inference_norms = {{"body.", 0}};
  stage.hooks.stage_begin = [this](method::HookContext& context) {
    begin("classify", context);
    fill_cache(context);
  };
  stage.score = [this](const method::BatchPass& for_each_batch) -> method::Figures {
    std::int64_t right = 0;
    for_each_batch([&](const batch::Batch& batch) {
      right += network_->head(cached(batch.index)).argmax(1).eq(batch.labels).sum().item<std::int64_t>();
      return true;
    });
    return {{"right", static_cast<double>(right)}};
  };
  return stage;
}

method::Stage Everything::whole() {
  method::Stage stage;
  stage.name = "whole";
  stage.epochs = 2;
  stage.counts_on = true;
  stage.needs.views = {noisy_view(facts_.input)};
  stage.needs.batch_size = 7;
  stage.needs.wrap = [this](batch::Batch& batch, at::Generator& generator, double done) {
    progress.push_back(done);
    mix_with_reversed(batch, generator);
  };
  method::MovingAverage average{"head.", 0.5};
  average.counts_on = true;
  stage.players = {{"network", {group({"body.", "head."})}, options_of(method::OptimiserKind::adamw, 0.01), average}};
  const auto losses = [this](const batch::Batch& batch) -> method::Losses {
    const at::Tensor logits = network_->head(network_->features(batch.images()));
    return {{"cross_entropy", nn::cross_entropy(logits, batch.distribution), 1}};
  };
  stage.turns = {{0, 1, [losses](const batch::Batch& batch, const method::StepContext&) { return losses(batch); }}};
  stage.hooks.stage_begin = [this](method::HookContext& context) { begin("whole", context); };
  stage.validate = losses;
  return stage;
}

}  // namespace mien::testing
