// SPDX-License-Identifier: Apache-2.0
// FER-YOLO-Mamba (card 2): CSPDarknet, a feature pyramid whose four blocks are FER-YOLO-VSS, and one decoupled head per
// level. With neck = "csp" it is YOLOX. State-dict keys are the published code's, and YOLOX's.
#pragma once

#include <array>
#include <vector>

#include "mien/methods/fer_yolo_mamba/config.h"
#include "mien/methods/fer_yolo_mamba/darknet.h"
#include "mien/methods/fer_yolo_mamba/vss_block.h"

namespace mien::methods::fer_yolo_mamba {

inline constexpr std::size_t kLevels = 3;
using Levels = std::array<at::Tensor, kLevels>;

/// Intermediate results of the neck, for golden files and explanations.
struct NeckOutput {
  at::Tensor c3_p4, c3_p3, c3_n3, c3_n4;  ///< results of the four blocks
  Levels levels;                          ///< inputs of the heads
  std::vector<VssEvidence> evidence;      ///< of the four blocks, if requested
};

/// CSPDarknet and the pyramid (YOLOX's "backbone").
class PyramidImpl : public torch::nn::Module {
 public:
  PyramidImpl(const FerYoloMambaConfig& config, std::int64_t base, std::int64_t in_channels);
  NeckOutput forward(const DarknetOutput& features, bool with_evidence = false);

  Darknet backbone{nullptr};
  ConvBlock lateral_conv0{nullptr}, reduce_conv1{nullptr}, reduce_conv111{nullptr}, bu_conv2{nullptr},
      bu_conv1{nullptr};
  /// Each holds one VssBlock, or is empty with neck = "csp".
  torch::nn::Sequential c3_p4{nullptr}, c3_p3{nullptr}, c3_n3{nullptr}, c3_n4{nullptr};

  /// The four VSS blocks C3_p4, C3_p3, C3_n3, C3_n4; empty with neck = "csp".
  std::vector<VssBlock>& blocks() { return blocks_; }

 private:
  void add_blocks(const FerYoloMambaConfig& config, std::int64_t base);
  void add_csp(std::int64_t base);

  std::vector<VssBlock> blocks_;
  std::vector<CspLayer> csp_;
};
TORCH_MODULE(Pyramid);

/// One decoupled head per level: box, objectness and classes from two branches.
class HeadImpl : public torch::nn::Module {
 public:
  HeadImpl(std::int64_t num_classes, std::int64_t base);
  /// (B,c,h,w) of each level → (B,5+K,h,w): x, y, w, h, objectness, classes; logits and raw offsets
  Levels forward(const Levels& levels);

  struct Level {
    ConvBlock stem{nullptr};
    torch::nn::Sequential cls_convs{nullptr}, reg_convs{nullptr};
    torch::nn::Conv2d cls_pred{nullptr}, reg_pred{nullptr}, obj_pred{nullptr};
  };
  std::vector<Level> levels;  ///< registered part by part: stems.0, stems.1, …, cls_convs.0, …
};
TORCH_MODULE(Head);

struct NetworkOutput {
  DarknetOutput features;
  NeckOutput neck;
  Levels heads;
};

class FerYoloMambaNetImpl : public torch::nn::Module {
 public:
  FerYoloMambaNetImpl(const FerYoloMambaConfig& config, std::int64_t num_classes, std::int64_t in_channels);
  /// images (B,C,H,W), H and W multiples of 32
  NetworkOutput forward(const at::Tensor& images, bool with_evidence = false);

  Pyramid backbone{nullptr};
  Head head{nullptr};
};
TORCH_MODULE(FerYoloMambaNet);

/// Card 2.4: every convolution's weight N(0, 0.02²), every batch norm's weight N(1, 0.02²), the scan's tensors by their
/// own rule, everything else LibTorch's defaults.
void initialise(FerYoloMambaNet& network);

}  // namespace mien::methods::fer_yolo_mamba
