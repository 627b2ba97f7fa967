// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/vit_se/foreign_weights.h"

#include <fmt/core.h>

#include <map>

#include "mien/base/error.h"
#include "mien/nn/position_embedding.h"

namespace mien::methods::vit_se {
namespace {

using Names = std::vector<std::pair<std::string, std::string>>;

/// Hugging Face's names outside the blocks → timm's.
const Names kOutside = {{"embeddings.cls_token", "cls_token"},
                        {"embeddings.position_embeddings", "pos_embed"},
                        {"embeddings.patch_embeddings.projection.", "patch_embed.proj."},
                        {"layernorm.", "norm."}};

/// The same inside a block.
const Names kInside = {{"attention.attention.query.", "attn.q."}, {"attention.attention.key.", "attn.k."},
                       {"attention.attention.value.", "attn.v."}, {"attention.output.dense.", "attn.proj."},
                       {"intermediate.dense.", "mlp.fc1."},       {"output.dense.", "mlp.fc2."},
                       {"layernorm_before.", "norm1."},           {"layernorm_after.", "norm2."}};

std::string renamed(const std::string& key, const Names& names) {
  for (const auto& [theirs, ours] : names)
    if (key.starts_with(theirs)) return ours + key.substr(theirs.size());
  return {};
}

std::string without(const std::string& key, const std::string& prefix) {
  return key.starts_with(prefix) ? key.substr(prefix.size()) : key;
}

/// Hugging Face's key → timm's, with separate attn.q, attn.k and attn.v; empty: not part of the backbone.
std::string timm_name(const std::string& whole) {
  const std::string key = without(whole, "vit."), layers = "encoder.layer.";
  if (!key.starts_with(layers)) return renamed(key, kOutside);
  const auto dot = key.find('.', layers.size());
  if (dot == std::string::npos) return {};
  const std::string inside = renamed(key.substr(dot + 1), kInside);
  return inside.empty() ? inside : fmt::format("blocks.{}.{}", key.substr(layers.size(), dot - layers.size()), inside);
}

bool is_hugging_face(const nn::NamedTensors& theirs) {
  for (const auto& [key, value] : theirs)
    if (without(key, "vit.").starts_with("encoder.layer.")) return true;
  return false;
}

nn::NamedTensors from_hugging_face(const nn::NamedTensors& theirs, const std::string& origin) {
  nn::NamedTensors out;
  std::map<std::string, at::Tensor> pieces;
  for (const auto& [key, value] : theirs) {
    const std::string name = timm_name(key);
    if (name.find(".attn.q.") != std::string::npos || name.find(".attn.k.") != std::string::npos ||
        name.find(".attn.v.") != std::string::npos)
      pieces.emplace(name, value);
    else if (!name.empty())
      out.emplace_back(name, value);
  }
  for (const auto& [name, query] : pieces) {
    const auto at = name.find(".attn.q.");
    if (at == std::string::npos) continue;
    const std::string block = name.substr(0, at), rest = name.substr(at + 8);
    const auto key = pieces.find(block + ".attn.k." + rest), value = pieces.find(block + ".attn.v." + rest);
    check_input(key != pieces.end() && value != pieces.end(),
                fmt::format("{}: {} has a query but no key or no value ({}).", origin, block, rest),
                "Give the complete file of the transformer.");
    out.emplace_back(block + ".attn.qkv." + rest, at::cat({query, key->second, value->second}));
  }
  return out;
}

/// Names of only the backbone in timm's files; ours begin with "model." and their heads are kept.
nn::NamedTensors from_timm(const nn::NamedTensors& theirs, bool ours) {
  nn::NamedTensors out;
  for (const auto& [key, value] : theirs) {
    const bool is_backbone = key == "cls_token" || key == "pos_embed" || key.starts_with("patch_embed.") ||
                             key.starts_with("blocks.") || key.starts_with("norm.");
    if (ours || is_backbone) out.emplace_back(key, value);
  }
  return out;
}

at::Tensor patch_kernel(const at::Tensor& theirs, const VitOptions& o) {
  const std::int64_t area = o.patch * o.patch;
  at::Tensor kernel = theirs;
  if (kernel.dim() == 2 && kernel.size(1) % area == 0)
    kernel = kernel.reshape({kernel.size(0), kernel.size(1) / area, o.patch, o.patch});
  if (kernel.dim() == 4 && kernel.size(1) == 3 && o.channels == 1) kernel = kernel.sum({1}, /*keepdim=*/true);
  return kernel;
}

}  // namespace

nn::NamedTensors from_foreign(const nn::NamedTensors& theirs, const VitOptions& o, const std::string& origin) {
  bool ours = false;
  nn::NamedTensors backbone;
  for (const auto& [key, value] : theirs) ours = ours || key.starts_with("model.");
  backbone = is_hugging_face(theirs) ? from_hugging_face(theirs, origin) : from_timm(theirs, ours);
  nn::NamedTensors out;
  for (auto& [key, value] : backbone) {
    const std::string name = ours ? key : "model." + key;
    if (name == "model.patch_embed.proj.weight")
      out.emplace_back(name, patch_kernel(value, o));
    else if (name == "model.pos_embed" && value.dim() == 3 && value.size(1) != o.tokens() && o.rows() == o.columns())
      out.emplace_back(name, nn::resize_position_embedding(value, /*leading=*/1, o.rows()));
    else
      out.emplace_back(name, value);
  }
  return out;
}

}  // namespace mien::methods::vit_se
