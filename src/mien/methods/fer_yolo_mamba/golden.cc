// SPDX-License-Identifier: Apache-2.0
// The whole network's golden file: inference, training with SimOTA and gradients, the released shape, given head maps.
#include <fmt/core.h>

#include "mien/face/boxes.h"
#include "mien/method/golden_scribe.h"
#include "mien/methods/fer_yolo_mamba/loss.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

using method::GoldenScribe;

constexpr const char* kLevelNames[] = {"p3", "p4", "p5"};
constexpr double kNmsMinScore = 0.35, kNmsMaxIou = 0.3;      // of nms.*
constexpr double kPictureHeight = 150, kPictureWidth = 200;  // of nms.*

FerYoloMambaNet build(GoldenScribe& scribe, int p3_stride) {
  FerYoloMambaConfig config;
  config.p3_stride = p3_stride;
  FerYoloMambaNet network(config, scribe.num_classes(), 3);
  scribe.fill(*network);
  return network;
}

std::vector<at::Tensor> labels_of(GoldenScribe& scribe, const std::string& prefix, std::int64_t pictures) {
  std::vector<at::Tensor> labels;
  for (std::int64_t i = 0; i < pictures; ++i) labels.push_back(scribe.input(fmt::format("{}{}", prefix, i)));
  return labels;
}

void add_levels(GoldenScribe& scribe, const std::string& prefix, const Levels& levels) {
  for (std::size_t i = 0; i < kLevels; ++i) scribe.output(prefix + kLevelNames[i], levels[i]);
}

void add_losses(GoldenScribe& scribe, const std::string& prefix, const DetectionLoss& loss) {
  scribe.output(prefix + "loss.iou", loss.box);
  scribe.output(prefix + "loss.obj", loss.objectness);
  scribe.output(prefix + "loss.cls", loss.classes);
  scribe.output(prefix + "loss.total", loss.box + loss.objectness + loss.classes);
  scribe.output(prefix + "num_fg", at::scalar_tensor(loss.num_cells, at::kLong));
  for (std::size_t i = 0; i < loss.assignments.size(); ++i) {
    const std::string here = fmt::format("{}assign.{}.", prefix, i);
    if (!scribe.has(here + "anchors")) continue;  // a picture without faces
    scribe.output(here + "anchors", loss.assignments[i].anchors);
    scribe.output(here + "gts", loss.assignments[i].gts);
    scribe.output(here + "ious", loss.assignments[i].ious);
    if (const std::string k = fmt::format("{}dynamic_k.{}", prefix, i); scribe.has(k))
      scribe.output(k, loss.assignments[i].dynamic_k);
  }
}

void run_eval(GoldenScribe& scribe, const at::Tensor& input) {
  const torch::NoGradGuard no_grad;
  FerYoloMambaNet network = build(scribe, 8);
  network->eval();
  const NetworkOutput out = network->forward(input);
  scribe.output("eval.csp.dark3", out.features.dark3);
  scribe.output("eval.csp.dark4", out.features.dark4);
  scribe.output("eval.csp.dark5", out.features.dark5);
  scribe.output("eval.neck.C3_p4", out.neck.c3_p4);
  scribe.output("eval.neck.C3_p3", out.neck.c3_p3);
  scribe.output("eval.neck.C3_n3", out.neck.c3_n3);
  scribe.output("eval.neck.C3_n4", out.neck.c3_n4);
  Pyramid& neck = network->backbone;
  const at::Tensor last =
      at::cat({neck->bu_conv1->forward(out.neck.c3_n3), neck->lateral_conv0->forward(out.features.dark5)}, 1);
  VssBlock block = neck->blocks().back();
  const at::Tensor scanned = block->scan_input(last);
  scribe.output("eval.neck.C3_n4.frm", block->left(last));
  scribe.output("eval.neck.C3_n4.ss2d_in", scanned.permute({0, 3, 1, 2}));
  scribe.output("eval.neck.C3_n4.ss2d", block->self_attention->forward(scanned).permute({0, 3, 1, 2}));
  add_levels(scribe, "eval.fpn.", out.neck.levels);
  add_levels(scribe, "eval.head.", out.heads);
  scribe.output("eval.decoded", decode(out.heads, input.size(2), input.size(3)));
  FerYoloMambaNet released = build(scribe, 16);
  released->eval();
  const NetworkOutput coarse = released->forward(input);
  scribe.output("eval.released.fpn.p3", coarse.neck.levels[0]);
  scribe.output("eval.released.head.p3", coarse.heads[0]);
}

void run_train(GoldenScribe& scribe, const at::Tensor& input) {
  FerYoloMambaNet network = build(scribe, 8);
  network->train();
  const Levels heads = network->forward(input).heads;
  const DetectionLoss loss =
      detection_loss(heads, labels_of(scribe, "labels.", input.size(0)), strides_of(heads, input.size(2)));
  (loss.box + loss.objectness + loss.classes).backward();
  add_levels(scribe, "train.head.", heads);
  add_losses(scribe, "train.", loss);
  for (const auto& p : network->named_parameters()) {
    scribe.gradient("train.gradnorm." + p.key(), p.value().grad().norm());
  }
  scribe.gradients("train.grad", *network);
  for (const auto& b : network->named_buffers())
    if (const std::string name = "train.buffer." + b.key(); scribe.has(name)) scribe.output(name, b.value());
}

/// The released shape of the finest level, once with the strides of the maps and once with those of its loss.
void run_released(GoldenScribe& scribe, const at::Tensor& input) {
  const torch::NoGradGuard no_grad;
  FerYoloMambaNet network = build(scribe, 16);
  network->train();
  const Levels heads = network->forward(input).heads;
  for (const std::vector<double>& strides : {std::vector<double>{8, 16, 32}, strides_of(heads, input.size(2))}) {
    const DetectionLoss loss = detection_loss(heads, labels_of(scribe, "labels.", input.size(0)), strides);
    const std::string prefix = fmt::format("train.released.s{:g}_{:g}_{:g}.", strides[0], strides[1], strides[2]);
    scribe.output(prefix + "loss",
                  at::stack({loss.box, loss.objectness, loss.classes, loss.box + loss.objectness + loss.classes}));
    for (std::size_t i = 0; i < loss.assignments.size(); ++i)
      scribe.output(fmt::format("{}anchors.{}", prefix, i), loss.assignments[i].anchors);
  }
}

/// Rows y1, x1, y2, x2, objectness, class score, class of one picture's boxes, by descending score, in pixels
/// of the picture that was letterboxed (card 7).
at::Tensor found_boxes(const at::Tensor& decoded, double input_side) {
  std::vector<face::ScoredBox> boxes;
  std::vector<float> objectness;
  const double fit = std::min(input_side / kPictureHeight, input_side / kPictureWidth);
  const double height = std::round(kPictureHeight * fit), width = std::round(kPictureWidth * fit);
  const auto back = [&](double share, double used) {
    return (share - (input_side - used) / 2 / input_side) * input_side / used;
  };
  for (std::int64_t i = 0; i < decoded.size(0); ++i) {
    const at::Tensor row = decoded[i];
    const auto value = [&](std::int64_t j) { return row[j].item<float>(); };
    const at::Tensor classes = row.slice(0, 5);
    const auto label = classes.argmax().item<std::int64_t>();
    const float score = value(4) * value(5 + label);
    if (score < static_cast<float>(kNmsMinScore)) continue;
    const double w = value(2) * input_side / width * kPictureWidth, h = value(3) * input_side / height * kPictureHeight;
    const double x = back(value(0), width) * kPictureWidth, y = back(value(1), height) * kPictureHeight;
    boxes.push_back(
        {{static_cast<float>(x - w / 2), static_cast<float>(y - h / 2), static_cast<float>(w), static_cast<float>(h)},
         score,
         static_cast<int>(label)});
    objectness.push_back(value(4));
  }
  const auto kept = face::suppress_by_class(boxes, kNmsMaxIou);
  std::vector<at::Tensor> rows;
  for (const face::ScoredBox& box : kept) {
    const auto same = std::find_if(boxes.begin(), boxes.end(), [&](const auto& b) { return b.box == box.box; });
    const float o = objectness[static_cast<std::size_t>(same - boxes.begin())];
    rows.push_back(at::tensor({box.box.y, box.box.x, box.box.y + box.box.height, box.box.x + box.box.width, o,
                               box.score / o, static_cast<float>(box.label)}));
  }
  return rows.empty() ? at::zeros({0, 7}) : at::stack(rows);
}

void run_simota(GoldenScribe& scribe) {
  Levels heads;
  for (std::size_t i = 0; i < kLevels; ++i)
    heads[i] = scribe.input(std::string("simota.head.") + kLevelNames[i]).clone().requires_grad_();
  const std::int64_t side = scribe.input("input").size(2), pictures = heads[0].size(0);
  const DetectionLoss loss =
      detection_loss(heads, labels_of(scribe, "simota.labels.", pictures), strides_of(heads, side));
  (loss.box + loss.objectness + loss.classes).backward();
  add_losses(scribe, "simota.", loss);
  for (std::size_t i = 0; i < kLevels; ++i)
    scribe.gradient(std::string("simota.grad.head.") + kLevelNames[i], heads[i].grad());
  const torch::NoGradGuard no_grad;
  const at::Tensor decoded = decode(heads, side, side);
  scribe.output("simota.decoded", decoded);
  for (std::int64_t i = 0; i < pictures; ++i)
    scribe.output(fmt::format("nms.{}", i), found_boxes(decoded[i], static_cast<double>(side)));
}

}  // namespace

void golden(method::GoldenScribe& scribe) {
  if (!scribe.has("simota.num_fg")) return golden_parts(scribe);
  const at::Tensor& input = scribe.input("input");
  run_eval(scribe, input);
  run_train(scribe, input);
  run_released(scribe, input);
  run_simota(scribe);
}

}  // namespace mien::methods::fer_yolo_mamba
