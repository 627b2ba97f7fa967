// SPDX-License-Identifier: Apache-2.0
// IFER's configuration: every ablation of the card is a field. Defaults are the reference's recipe with the decisions
// of the card, section 4.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mien/method/common_config.h"
#include "mien/methods/ifer/alignment.h"
#include "mien/methods/ifer/network.h"

namespace mien::methods::ifer {

enum class LatentSpace { w_plus, w };
constexpr auto words_of(LatentSpace) { return std::array{"w+", "w"}; }

/// The released code computes the adversarial term without a graph, so it has no effect on training.
enum class AdversarialGradient { through, stopped };
constexpr auto words_of(AdversarialGradient) { return std::array{"through", "stopped"}; }

enum class RecognitionInit { inversion, scratch };
constexpr auto words_of(RecognitionInit) { return std::array{"inversion", "scratch"}; }

enum class Augment { reference, crop, none };
constexpr auto words_of(Augment) { return std::array{"reference", "crop", "none"}; }

/// Length and data of one stage.
struct StageConfig {
  int epochs = 1;
  int steps_per_epoch = 0;  ///< 0: one pass over the pictures
  int batch_size = 8;
  std::string pack;  ///< empty: data.pack
};

struct IferConfig : method::CommonConfig {
  // Networks (card 2)
  Preset preset = Preset::base;
  double layer_scale = 1e-5, drop_path = 0.5;
  GlobalQuery global_query = GlobalQuery::reference;
  StyleHeadKind style_head = StyleHeadKind::attention;
  LatentSpace latent_space = LatentSpace::w_plus;
  bool use_structure = true;
  bool start_from_mean = true;
  FerHead head = FerHead::modulated;
  std::string generator_file;            ///< init.generator
  std::vector<std::string> lpips_files;  ///< init.lpips
  std::string identity_file;             ///< init.identity
  std::string features_file;             ///< init.features
  // Stage "generator" (card 2.6 and 4)
  StageConfig generator{160, 0, 16, {}};
  double generator_rate = 0.002, generator_ema = 0.9978, r1 = 10, path = 2, mixing = 0.9;
  int r1_every = 16, path_every = 4;
  // Stage "inversion" (card 3 and 4)
  StageConfig inversion{40, 0, 8, {}};
  double encoder_rate = 1e-4, discriminator_rate = 1e-4;
  bool train_generator = false;
  double l2 = 1, lpips = 0.8, identity = 0.1, adversarial = 1e-4, distribution = 0.01, w_norm = 0;
  AdversarialGradient adversarial_gradient = AdversarialGradient::through;
  Alignment distribution_form = Alignment::pairwise;
  // Stage "recognition" (card 4)
  RecognitionInit recognition_init = RecognitionInit::inversion;
  bool freeze_encoder = false;
  double smoothing = 0.1, votes = 0;
  double mixup_alpha = 0.8, cutmix_alpha = 1;  ///< of Beta(alpha, alpha); 0: off
  Augment augment = Augment::reference;
  double crop_min = 0.2;  ///< smallest share of the area of a random crop
  IferConfig();

  EncoderOptions encoder_options() const;
};

void declare(Fields& fields, IferConfig& config);
/// Computes the tensors of the golden file.
void golden(method::GoldenScribe& scribe);
/// The method's entry in the registry.
std::unique_ptr<method::MethodConfig> make_config();

}  // namespace mien::methods::ifer
