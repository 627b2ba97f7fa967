// SPDX-License-Identifier: Apache-2.0
// DNFER's configuration: every ablation is a field. Defaults are the reference code's RAF-DB recipe.
#pragma once

#include <memory>

#include "mien/method/common_config.h"

namespace mien::methods::dnfer {

/// Additional augmentation of the strong view.
struct StrongOptions {
  int operations = 2;
  double level = 10, probability = 0.5;
  bool cutout = true;
};

enum class Select { dynamic, fixed, none };
constexpr auto words_of(Select) { return std::array{"dynamic", "fixed", "none"}; }

enum class ThresholdScope { batch, epoch };
constexpr auto words_of(ThresholdScope) { return std::array{"batch", "epoch"}; }

enum class Mask { per_view, weak };
constexpr auto words_of(Mask) { return std::array{"per-view", "weak"}; }

enum class Consistency { symmetric_kl, jensen_shannon, none };
constexpr auto words_of(Consistency) { return std::array{"symkl", "js", "none"}; }

enum class LogBase { two, e };
constexpr auto words_of(LogBase) { return std::array{"2", "e"}; }

enum class Views { weak_strong, weak_weak, weak };
constexpr auto words_of(Views) { return std::array{"weak+strong", "weak+weak", "weak"}; }

enum class Augment { raf_db, ferplus, none };
constexpr auto words_of(Augment) { return std::array{"raf-db", "ferplus", "none"}; }

struct DnferConfig : method::CommonConfig {
  // Network (card section 2)
  int width = 64;  ///< channels of the first stage; features have 8 × width
  // Losses (section 3)
  int warmup_epochs = 5;
  double alpha = 0.5;  ///< weight of the consistency; the supervised loss has 1 - alpha
  Select select = Select::dynamic;
  double fixed_threshold = 0.5;
  ThresholdScope threshold_scope = ThresholdScope::batch;
  Mask mask = Mask::per_view;
  Consistency consistency = Consistency::symmetric_kl;
  LogBase log_base = LogBase::two;  ///< of the divergence
  // Views and recipe (section 4)
  Views views = Views::weak_strong;
  Augment augment = Augment::raf_db;
  StrongOptions strong;
  bool reference_quirks = false;
  double classifier_rate_factor = 10;
  DnferConfig();

  bool two_views() const { return views != Views::weak; }
  bool consistent() const { return two_views() && consistency != Consistency::none; }
};

void declare(Fields& fields, DnferConfig& config);
/// Computes the tensors of the golden file.
void golden(method::GoldenScribe& scribe);
/// The method's entry in the registry.
std::unique_ptr<method::MethodConfig> make_config();

}  // namespace mien::methods::dnfer
