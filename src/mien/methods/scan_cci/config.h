// SPDX-License-Identifier: Apache-2.0
// SCAN-CCI's configuration: every ablation of the card is a field. Defaults are the reference code's FER+ recipe, with
// true windows in the bottom strip and norms that keep updating (card sections 2.3 and 4).
#pragma once

#include <memory>

#include "mien/method/common_config.h"

namespace mien::methods::scan_cci {

enum class Trunk { resnet50, small };
constexpr auto words_of(Trunk) { return std::array{"resnet50", "small"}; }

enum class Layout { torchvision, caffe };
constexpr auto words_of(Layout) { return std::array{"torchvision", "caffe"}; }

enum class Unit { spatio_channel, spatial, channel, none };
constexpr auto words_of(Unit) { return std::array{"spatio_channel", "spatial", "channel", "none"}; }

enum class Pool { max, mean };
constexpr auto words_of(Pool) { return std::array{"max", "mean"}; }

enum class BottomStrip { windows, reference };
constexpr auto words_of(BottomStrip) { return std::array{"windows", "reference"}; }

enum class Heads { all, cci };
constexpr auto words_of(Heads) { return std::array{"all", "cci"}; }

enum class Norms { train, frozen };
constexpr auto words_of(Norms) { return std::array{"train", "frozen"}; }

enum class Augment { card, ferplus, none };
constexpr auto words_of(Augment) { return std::array{"card", "ferplus", "none"}; }

struct ScanCciConfig : method::CommonConfig {
  // Network (card section 2)
  Trunk trunk = Trunk::resnet50;
  Layout layout = Layout::torchvision;  ///< stride position in a bottleneck, and pooling of the stem
  bool local = true, global = true;     ///< attention on patches, and on the whole map
  Unit unit = Unit::spatio_channel;
  bool shared = false;    ///< one unit for all patches
  int window = 6;         ///< side of a patch in cells of F2
  Pool pool = Pool::max;  ///< over the pooled patches
  BottomStrip bottom_strip = BottomStrip::windows;
  bool cci = true, eca = true;
  int regions = 4;           ///< 4 quadrants, or 1: the whole map
  Heads heads = Heads::all;  ///< cci: the answer is the mean of the regions; the attention branch only helps training
  // Losses (section 3)
  double attention_weight = 0.2;
  bool reweight = false;  ///< class weights from the effective number of samples
  // Recipe (section 4)
  Norms norms_after_first_epoch = Norms::train;
  double base_rate_factor = 0.01;  ///< rate of the base relative to the branches
  Augment augment = Augment::card;
  ScanCciConfig();

  bool has_attention() const { return local || global; }
};

void declare(Fields& fields, ScanCciConfig& config);
/// Throws usage if fields contradict each other.
void check(const ScanCciConfig& config);
/// Computes the tensors of the golden file.
void golden(method::GoldenScribe& scribe);
/// The method's entry in the registry.
std::unique_ptr<method::MethodConfig> make_config();

}  // namespace mien::methods::scan_cci
