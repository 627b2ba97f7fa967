// SPDX-License-Identifier: Apache-2.0
// FER-YOLO-Mamba's configuration: every ablation of the card's section 9 is a field. Defaults are the published code's
// except for those of card 4, (a) to (e).
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "mien/method/common_config.h"

namespace mien::methods::fer_yolo_mamba {

enum class Neck { vss, csp };
constexpr auto words_of(Neck) { return std::array{"vss", "csp"}; }

enum class Attention { abmlp, none };
constexpr auto words_of(Attention) { return std::array{"abmlp", "none"}; }

enum class Discretisation { first_order, zero_order_hold };
constexpr auto words_of(Discretisation) { return std::array{"first_order", "zoh"}; }

enum class Freeze { none, csp, neck };
constexpr auto words_of(Freeze) { return std::array{"none", "csp", "neck"}; }

/// Half of the published recipe: its epochs, and its batch, to which the rate is scaled.
struct StageOptions {
  int epochs = 0;  ///< 0: the stage is left out
  int batch_size = 0;
};

struct FerYoloMambaConfig : method::CommonConfig {
  // Network (card 2)
  int width = 32;            ///< channels of the stem; 32 is size s, the published one. Scales the neck as well (ours)
  Neck neck = Neck::vss;     ///< csp: plain YOLOX
  bool convolutions = true;  ///< FRM
  bool ssm = true;           ///< OSS
  Attention attention = Attention::abmlp;
  int directions = 8;  ///< 8, 4, 2 or 1
  Discretisation scan = Discretisation::first_order;
  int p3_stride = 8;  ///< 16: the released code's shape
  // Losses (card 3)
  std::vector<double> loss_strides;  ///< empty: input / map; 8, 16, 32 repeats the released code's mistake
  // Recipe (card 4)
  bool train_ssm = true;         ///< false: the scan's own tensors keep their initial values, as in the released code
  Freeze freeze = Freeze::none;  ///< frozen in the first stage; csp: the backbone; neck: backbone and neck
  bool augment = true, mosaic = true, mixup = true, average = true;
  StageOptions first{100, 32}, second{200, 16};
  FerYoloMambaConfig();
};

void declare(Fields& fields, FerYoloMambaConfig& config);

/// Peak rate for a batch size: the configured one is for 32 and grows with the batch, between 5e-4 and 5e-2 (card 4).
double rate_of(const FerYoloMambaConfig& config, int batch_size);

/// Computes the tensors of both golden files: the network with its losses, and its parts.
void golden(method::GoldenScribe& scribe);
void golden_parts(method::GoldenScribe& scribe);
/// The method's entry in the registry.
std::unique_ptr<method::MethodConfig> make_config();

}  // namespace mien::methods::fer_yolo_mamba
