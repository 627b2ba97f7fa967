// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/config.h"

namespace mien::methods::ifer {
namespace {

void declare_stage(Fields& f, const std::string& prefix, StageConfig& c) {
  f.add(prefix + ".epochs", c.epochs, "epochs of this stage", "card 4").range(1, 1e6);
  f.add(prefix + ".steps_per_epoch", c.steps_per_epoch, "steps per epoch; 0: one pass over the pictures").range(0, 1e9);
  f.add(prefix + ".batch_size", c.batch_size, "pictures per batch", "card 4").range(1, 4096);
  f.add(prefix + ".pack", c.pack, "pack of this stage; empty: data.pack. Labels are not used");
}

void declare_networks(Fields& f, IferConfig& c) {
  f.add("model.preset", c.preset, "sizes of all networks: base for 256 px (published), small for 64 px", "card 4.1");
  f.add("model.layer_scale", c.layer_scale,
        "initial scale of the encoder's residual branches; use 0.1 for training from scratch", "reference code")
      .range(0, 10);
  f.add("model.drop_path", c.drop_path, "stochastic depth of the last block, increasing linearly from 0",
        "reference code")
      .range(0, 0.95);
  f.add("model.global_query", c.global_query,
        "layout of the global queries; reference mixes the pictures of a batch during training", "card 2.1");
  f.add("model.style_head", c.style_head, "attention, or the older heads with only convolutions", "card 2.1");
  f.add("model.latent_space", c.latent_space, "w+: one code per layer; w: their mean for all layers", "card 9");
  f.add("model.use_structure", c.use_structure, "the structure code replaces the generator's learned constant",
        "paper abstract");
  f.add("model.start_from_mean", c.start_from_mean, "add the codes to the generator's mean code", "reference code");
  f.add("model.head", c.head, "input of the classifier: modulated structure, only the structure, or only the mean code",
        "reference code");
  f.add("init.generator", c.generator_file, "file with a StyleGAN2 generator (entry g_ema); empty: random weights",
        "reference code");
  f.add("init.lpips", c.lpips_files, "files with AlexNet's convolutions and LPIPS's linear weights", "reference code");
  f.add("init.identity", c.identity_file, "file with IR-SE50", "reference code");
  f.add("init.features", c.features_file,
        "checkpoint of a plain network (DAN with model.heads=0, input.mean=[0.5], input.std=[0.5]) whose taps measure "
        "the "
        "feature distance of the inversion on the validation part; no loss");
}

void declare_generator_stage(Fields& f, IferConfig& c) {
  declare_stage(f, "generator", c.generator);
  f.add("generator.rate", c.generator_rate, "Adam's rate before the correction for lazy regularisation",
        "StyleGAN2 section 3.1")
      .range(0, 1);
  f.add("generator.ema_decay", c.generator_ema, "decay of the generator's moving average, which the next stage uses")
      .range(0, 1);
  f.add("generator.mixing", c.mixing, "share of the batches with two codes per picture", "StyleGAN section 3.1")
      .range(0, 1);
  f.add("loss.r1.weight", c.r1, "γ of the critic's gradient penalty; 0: off", "StyleGAN2").range(0, 1e6);
  f.add("loss.r1.every", c.r1_every, "steps between penalties", "StyleGAN2 section 3.1").range(1, 1e6);
  f.add("loss.path.weight", c.path, "weight of the path length regularisation; 0: off", "StyleGAN2 section 3.2")
      .range(0, 1e6);
  f.add("loss.path.every", c.path_every, "steps between regularisations", "StyleGAN2 section 3.1").range(1, 1e6);
}

void declare_inversion_stage(Fields& f, IferConfig& c) {
  declare_stage(f, "inversion", c.inversion);
  f.add("inversion.encoder_rate", c.encoder_rate, "learning rate of the encoder (Ranger)", "reference code")
      .range(0, 1);
  f.add("inversion.discriminator_rate", c.discriminator_rate, "learning rate of the discriminator (Ranger)",
        "reference code")
      .range(0, 1);
  f.add("inversion.train_generator", c.train_generator, "train the generator with the encoder", "reference code");
  const auto weight = [&](const std::string& name, double& value, const std::string& help) {
    f.add("loss." + name + ".weight", value, help + "; 0: off", "reference code").range(0, 1e6);
  };
  weight("l2", c.l2, "weight of the mean squared difference");
  weight("lpips", c.lpips, "weight of the feature distance; needs init.lpips");
  weight("identity", c.identity, "weight of the identity distance; needs init.identity");
  weight("adversarial", c.adversarial, "weight of the inversion discriminator's score");
  f.add("loss.adversarial.gradient", c.adversarial_gradient,
        "gradient of the adversarial term; stopped as in the released code, whose term has no effect", "card 3");
  weight("distribution", c.distribution, "weight of the distribution alignment");
  f.add("loss.distribution.form", c.distribution_form, "pictures and layers that are compared", "card 3");
  weight("w_norm", c.w_norm, "weight of the distance of the codes from the mean code");
}

void declare_recognition_stage(Fields& f, IferConfig& c) {
  f.add("recognition.init", c.recognition_init, "start with the encoder of the inversion, or with random weights",
        "paper abstract");
  f.add("recognition.freeze_encoder", c.freeze_encoder, "train only the head");
  f.add("recognition.mixup", c.mixup_alpha, "alpha of mixup's Beta distribution; 0: off", "reference code")
      .range(0, 100);
  f.add("recognition.cutmix", c.cutmix_alpha, "alpha of cutmix's Beta distribution; 0: off", "reference code")
      .range(0, 100);
  f.add("recognition.crop_min", c.crop_min,
        "smallest area of a random crop, as a share of the picture; 0.08 as in the reference", "reference code")
      .range(0.01, 1);
  f.add("loss.smoothing", c.smoothing, "label smoothing", "reference code").range(0, 0.99);
  method::declare_votes(f, c.votes);
  f.add("augment", c.augment,
        "training pictures: the reference's recipe, only random crops and flips, or unchanged pictures",
        "reference code");
}

}  // namespace

IferConfig::IferConfig() {
  optimiser.kind = method::OptimiserKind::adamw;
  optimiser.rate = 1e-4;
  optimiser.weight_decay = 0.05;
  optimiser.decay_norms_and_biases = false;
  optimiser.clip_norm = 5;
  optimiser.schedule.kind = method::ScheduleKind::cosine;
  optimiser.schedule.floor = 0.05;
  optimiser.schedule.warmup_epochs = 20;
  optimiser.schedule.warmup_start = 0.01;
  optimiser.schedule.warmup_overrides = true;
  optimiser.schedule.flat_epochs = 10;
}

EncoderOptions IferConfig::encoder_options() const {
  EncoderOptions options;
  options.sizes = sizes_of(preset).encoder;
  options.layer_scale = layer_scale;
  options.drop_path = drop_path;
  options.global_query = global_query;
  options.style_head = style_head;
  return options;
}

void declare(Fields& f, IferConfig& c) {
  declare_networks(f, c);
  declare_generator_stage(f, c);
  declare_inversion_stage(f, c);
  declare_recognition_stage(f, c);
  method::declare_common(
      f, c, "file with the encoder of a published ASIT or IFER checkpoint, or of a run; empty: random weights");
}

}  // namespace mien::methods::ifer
