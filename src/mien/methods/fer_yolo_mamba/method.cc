// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "mien/base/error.h"
#include "mien/face/box_decoding.h"
#include "mien/face/boxes.h"
#include "mien/method/imagenet.h"
#include "mien/method/method_of.h"
#include "mien/methods/fer_yolo_mamba/loss.h"
#include "mien/methods/fer_yolo_mamba/scene_batch.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

const std::string kFirst = "first", kSecond = "second";

const method::MethodInfo kInfo{
    "fer-yolo-mamba",
    "FER-YOLO-Mamba",
    "Ma, Lei, Celik, Li: FER-YOLO-Mamba: Facial Expression Detection and Classification Based on Selective State "
    "Space. arXiv 2405.01828 (2024)",
    "none published (the authors' code has no licence and is not used)",
    {kFirst, kSecond},
    {"fer-yolo-mamba", "fer-yolo-mamba-scan"}};

constexpr std::size_t kMostBoxes = 100;

/// The scan's own tensors, which the released code does not optimise.
bool is_scan_tensor(const std::string& key) {
  for (const char* name : {".x_proj_weight", ".dt_projs_weight", ".dt_projs_bias", ".A_logs", ".Ds"})
    if (key.ends_with(name)) return true;
  return false;
}
/// Tensors of rank 2 or more that must not decay although the rule for weights would include them (card 4 (b)).
bool never_decays(const std::string& key) { return key.ends_with(".A_logs") || key.ends_with(".dt_projs_bias"); }

constexpr const char* kGridMeaning =
    "raw boxes of each cell: x, y, log width, log height, objectness, classes in the card's order; decoded by the "
    "runtime";

/// Output with the grid of a level: boxes_p3, boxes_p4, boxes_p5.
std::string grid_name(std::size_t level) { return fmt::format("boxes_p{}", level + 3); }

constexpr std::array kBlockNames = {"p4", "p3", "n3", "n4"};  // C3_p4, …, in the order of Pyramid::blocks()

/// gates_p4 and steps_p4: the gates of the block's channel attention and the step sizes of its scan (card 7).
void add_evidence(const std::string& block, const VssEvidence& evidence, float input_height,
                  std::vector<method::DeployOutput>& outputs) {
  if (evidence.gate.defined()) {
    face::OutputSpec spec{"gates_" + block, "gate of each channel of the convolution branch", "0..1"};
    spec.kind = face::OutputKind::features;
    outputs.push_back({spec, evidence.gate});
  }
  if (!evidence.steps.defined()) return;
  const float stride = input_height / static_cast<float>(evidence.steps.size(2));
  face::OutputSpec spec{"steps_" + block,
                        "step sizes of the scan, one map per direction: where it writes into its state", ">= 0", stride,
                        stride / 2};
  spec.kind = face::OutputKind::maps;
  outputs.push_back({spec, evidence.steps});
}

/// Makes the network's scans run in LibTorch's own operators during its lifetime.
class PortableScan {
 public:
  PortableScan(FerYoloMambaNet network, bool portable) : network_(std::move(network)) { set(portable); }
  ~PortableScan() { set(false); }
  PortableScan(const PortableScan&) = delete;
  PortableScan& operator=(const PortableScan&) = delete;

 private:
  void set(bool portable) {
    for (VssBlock& block : network_->backbone->blocks())
      if (!block->self_attention.is_empty()) block->self_attention->is_portable = portable;
  }
  FerYoloMambaNet network_;
};

class FerYoloMamba final : public method::MethodOf<FerYoloMambaConfig, FerYoloMambaNet> {
 public:
  FerYoloMamba(const FerYoloMambaConfig& config, const method::DataFacts& facts) : MethodOf(kInfo, config, facts) {
    if (!config.loss_strides.empty() && config.loss_strides.size() != kLevels)
      fail_usage(fmt::format("loss.strides has {} numbers, expected three or none.", config.loss_strides.size()));
    // With 8 remaining channels, oneDNN's AVX-512 convolutions write past the end of their buffers.
    if (config.width % 16 != 0)
      fail_usage(fmt::format("model.width = {} is not a multiple of 16.", config.width), "Use 16, 32, 48, 64 or 80.");
    if (config.first.epochs + config.second.epochs == 0)
      fail_usage("recipe.first.epochs and recipe.second.epochs are both 0.", "Set a number of epochs for one of them.");
  }

  std::vector<method::Stage> stages() override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override { return {.config = method::imagenet_settings()}; }

 private:
  void draw() override;
  method::Prediction answer(const at::Tensor& images) override;
  method::Losses losses(const batch::Batch& batch);
  method::Stage make_stage(const std::string& name, const StageOptions& options);
  std::vector<method::ParameterGroup> groups() const;
};

void FerYoloMamba::draw() {
  fer_yolo_mamba::initialise(network_);
  if (config_.backbone.empty()) return;
  const auto file = nn::read_weights(config_.backbone, {"model", "state_dict"});
  method::load_what_fits(*network_, method::to_our_names({}, *network_, file.file.tensors));
}

method::Losses FerYoloMamba::losses(const batch::Batch& batch) {
  const at::Tensor& images = batch.images();
  Levels heads = network_->forward(images).heads;
  for (at::Tensor& head : heads) head = head.to(at::kFloat);
  const auto& strides = config_.loss_strides;
  const DetectionLoss loss =
      detection_loss(heads, faces_of(batch), strides.empty() ? strides_of(heads, images.size(2)) : strides);
  const auto number = [&](std::int64_t value) {
    return at::scalar_tensor(static_cast<double>(value), images.options());
  };
  return {{"objectness", loss.objectness, 1},
          {"box", loss.box, 1},
          {"classes", loss.classes, 1},
          {"cells", number(loss.num_cells), 0},
          {"unmatched_faces", number(loss.unmatched), 0}};
}

std::vector<method::ParameterGroup> FerYoloMamba::groups() const {
  const bool with_scan = config_.train_ssm;
  std::vector<method::ParameterGroup> all{group(
      "network", [&](const std::string& key) { return !never_decays(key) && (with_scan || !is_scan_tensor(key)); })};
  if (with_scan) {
    all.push_back(group("scan", never_decays));
    all.back().decay_factor = 0;
  }
  if (all.back().parameters.empty()) all.pop_back();  // plain YOLOX
  return all;
}

method::Stage FerYoloMamba::make_stage(const std::string& name, const StageOptions& options) {
  method::Stage stage;
  stage.name = name;
  stage.epochs = options.epochs;
  stage.needs.views = {scene_view(facts_.input)};
  stage.needs.sampler = config_.sampler;
  stage.needs.batch_size = options.batch_size;
  stage.needs.drop_last = true;
  stage.needs.boxes = true;    // and average precision on the validation part selects the best epoch
  stage.needs.labels = false;  // a picture's boxes have classes, the picture itself may have no label
  if (config_.augment) {
    const SceneOptions scenes{config_.mosaic, config_.mixup};
    stage.needs.further = config_.mosaic ? kFurther : 0;
    stage.needs.wrap = [scenes, input = facts_.input](batch::Batch& batch, at::Generator& generator, double progress) {
      augment_batch(batch, input, scenes, generator, progress);
    };
  }
  method::Player player{"network", groups(), config_.optimiser};
  player.optimiser.rate = rate_of(config_, options.batch_size);
  // Card 4: 5 % of all epochs, at least one, and at most the configured number.
  const double share = std::max(1.0, 0.05 * (config_.first.epochs + config_.second.epochs));
  auto& schedule = player.optimiser.schedule;
  schedule.warmup_epochs = std::min(schedule.warmup_epochs, share);
  schedule.flat_epochs = std::min(schedule.flat_epochs, share);
  if (config_.average)
    player.average = method::MovingAverage{.decay = 0.9999,
                                           .warm_up = method::AverageWarmUp::exponential,
                                           .counts_on = name == kSecond && config_.first.epochs > 0};
  stage.players.push_back(std::move(player));
  stage.turns.push_back(
      {0, 1, [this](const batch::Batch& batch, const method::StepContext&) { return losses(batch); }});
  return stage;
}

std::vector<method::Stage> FerYoloMamba::stages() {
  std::vector<method::Stage> all;
  if (config_.first.epochs > 0) {
    all.push_back(make_stage(kFirst, config_.first));
    if (config_.freeze == Freeze::csp) all.back().frozen = {"backbone.backbone."};
    if (config_.freeze == Freeze::neck) all.back().frozen = {"backbone."};
  }
  if (config_.second.epochs > 0) {
    all.push_back(make_stage(kSecond, config_.second));
    all.back().counts_on = config_.first.epochs > 0;  // one schedule over both, one end of the mosaics
  }
  return all;
}

method::Prediction FerYoloMamba::answer(const at::Tensor& images) {
  const Levels heads = network_->forward(images).heads;
  const at::Tensor rows = flatten(heads).to(at::kFloat);
  const at::Tensor boxes =
      decode_boxes(rows.narrow(-1, 0, 4), cells_of(heads, strides_of(heads, images.size(2)))).cpu();
  const auto [best, label] = at::sigmoid(rows.narrow(-1, 5, rows.size(-1) - 5)).max(-1);
  const at::Tensor score = (at::sigmoid(rows.select(-1, 4)) * best).cpu(), labels = label.cpu();
  const auto all_boxes = boxes.accessor<float, 3>();
  const auto all_scores = score.accessor<float, 2>();
  const auto all_labels = labels.accessor<std::int64_t, 2>();
  method::Prediction prediction;
  for (std::size_t i = 0; i < kLevels; ++i) prediction.maps.emplace_back(grid_name(i), heads[i]);
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    const auto box = all_boxes[i];
    const auto s = all_scores[i];
    const auto l = all_labels[i];
    std::vector<face::ScoredBox> found;
    for (std::int64_t a = 0; a < s.size(0); ++a)
      if (s[a] >= face::kLeastScoreOfJudging)
        found.push_back({{box[a][0] - box[a][2] / 2, box[a][1] - box[a][3] / 2, box[a][2], box[a][3]},
                         s[a],
                         static_cast<int>(l[a])});
    found = face::suppress_by_class(std::move(found), face::kMaxIouOfJudging, kMostBoxes);
    at::Tensor table = at::empty({static_cast<std::int64_t>(found.size()), 6});
    for (std::size_t j = 0; j < found.size(); ++j) {
      const face::ScoredBox& f = found[j];
      const float values[] = {f.box.x, f.box.y, f.box.width, f.box.height, f.score, static_cast<float>(f.label)};
      std::copy(std::begin(values), std::end(values), table[static_cast<std::int64_t>(j)].data_ptr<float>());
    }
    prediction.detections.push_back(table);
  }
  return prediction;
}

method::Deploy FerYoloMamba::deploy(const method::DeployOptions& options) {
  method::refuse_reconstruction(kInfo.name, options);
  const float input_height = static_cast<float>(facts_.input.height);
  face::InputSpec input = facts_.input;
  input.kind = face::InputKind::picture;
  return method::deploy_of(
      input, network_.ptr(),
      [network = network_, portable = options.portable_operators, input_height](const at::Tensor& images) mutable {
        const PortableScan scope(network, portable);
        const NetworkOutput out = network->forward(images, /*with_evidence=*/true);
        std::vector<method::DeployOutput> outputs;
        for (std::size_t i = 0; i < kLevels; ++i) {
          const float stride = input_height / static_cast<float>(out.heads[i].size(2));
          face::OutputSpec spec{grid_name(i), kGridMeaning, "real", stride, stride / 2};
          spec.kind = face::OutputKind::boxes;
          outputs.push_back({spec, out.heads[i]});
        }
        for (std::size_t i = 0; i < out.neck.evidence.size(); ++i)
          add_evidence(kBlockNames[i], out.neck.evidence[i], input_height, outputs);
        return outputs;
      });
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_config() {
  return method::config_of<FerYoloMamba, FerYoloMambaConfig>(kInfo, golden);
}

}  // namespace mien::methods::fer_yolo_mamba
