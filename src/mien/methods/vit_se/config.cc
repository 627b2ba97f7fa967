// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/vit_se/config.h"

#include <fmt/core.h>

#include <cmath>

#include "mien/base/error.h"

namespace mien::methods::vit_se {
namespace {

/// Card 2.1.
VitOptions preset_options(Preset preset) {
  VitOptions o;
  switch (preset) {
    case Preset::small:
      break;
    case Preset::base:
      o.depth = 12;
      o.heads = 12;
      o.mlp_hidden = 3072;
      o.qkv_bias = true;
      o.norm_eps = 1e-6;
      break;
    case Preset::tiny:
      o.patch = 8;
      o.dim = 192;
      o.depth = 4;
      o.heads = 4;
      o.mlp_hidden = 576;
      break;
  }
  return o;
}

/// The published weights of `small` were trained with 1/√768 by mistake, which timm keeps for them (card 2.1).
bool scale_is_of_the_embedding(const VitSeConfig& c) {
  if (c.attention_scale == AttentionScale::automatic) return c.preset == Preset::small;
  return c.attention_scale == AttentionScale::embed;
}

std::int64_t network_side(const VitSeConfig& c, std::int64_t input_side, std::int64_t patch) {
  if (c.augment == Augment::reference || c.augment == Augment::reference_augment)
    return std::max<std::int64_t>(1, (input_side * 7 + 4 * patch) / (8 * patch)) * patch;
  if (input_side % patch != 0)
    fail_usage(
        fmt::format("input.size = {} is not a multiple of the patch size of {} pixels.", input_side, patch),
        fmt::format("Use --set input.size={}.", std::max<std::int64_t>(1, (input_side + patch / 2) / patch) * patch));
  return input_side;
}

}  // namespace

VitSeConfig::VitSeConfig() {
  optimiser.kind = method::OptimiserKind::adamw;
  optimiser.rate = 1e-4;
  optimiser.weight_decay = 0.01;
  optimiser.schedule.kind = method::ScheduleKind::step;
  optimiser.schedule.gamma = 0.2;
  optimiser.schedule.every = 10;
}

VitOptions vit_options(const VitSeConfig& c, const face::InputSpec& input) {
  VitOptions o = preset_options(c.preset);
  o.channels = input.channels;
  o.height = network_side(c, input.height, o.patch);
  o.width = network_side(c, input.width, o.patch);
  if (c.depth > 0) o.depth = c.depth;
  o.attention_scale = 1 / std::sqrt(static_cast<double>(scale_is_of_the_embedding(c) ? o.dim : o.dim / o.heads));
  return o;
}

void declare(Fields& f, VitSeConfig& c) {
  f.add("model.preset", c.preset,
        "small: 8 blocks with 8 heads, width 768; base: 12 blocks with 12 heads; tiny: 4 blocks with 4 heads, width "
        "192, patches of 8 pixels",
        "card 2.1");
  f.add("model.depth", c.depth, "number of blocks; 0: as in the preset").range(0, 48);
  f.add("model.attention_scale", c.attention_scale,
        "scale of query times key: 1/√width (embed) or 1/√(width/heads) (head); auto is embed for small", "card 2.1");
  f.add("model.se", c.se, "excitation gate on the class token; false: plain ViT", "card 2.2");
  f.add("model.se_ratio", c.se_ratio, "width divided by the gate's hidden units", "card 2.3").range(1, 64);
  f.add("model.se_activation", c.se_activation, "last activation function of the gate", "card 2.3");
  f.add("model.freeze_backbone", c.freeze_backbone, "train only the head", "card 4.2");
  f.add("loss.kind", c.loss, "cross-entropy, or focal_batch: the batch's cross-entropy c times (1 - exp(-c))²",
        "card 3");
  method::declare_votes(f, c.votes);
  f.add("mixup.alpha", c.mixup_alpha, "mix the pictures of a batch with a share from Beta(alpha, alpha); 0: off",
        "card 3")
      .range(0, 100);
  f.add("cutout.squares", c.cutout_squares, "number of squares per picture that are filled with the mean; 0: off",
        "card 4.1")
      .range(0, 16);
  f.add("cutout.side", c.cutout_side, "side of a cutout square in pixels", "card 4.1").range(1, 512);
  f.add("augment", c.augment, "augmentation of the training pictures", "card 4.1");
  method::declare_common(f, c,
                         "file (.safetensors, .pth) with a ViT with timm's or Hugging Face's names, or "
                         "best.safetensors of a run; empty: random weights");
}

}  // namespace mien::methods::vit_se
