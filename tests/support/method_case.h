// SPDX-License-Identifier: Apache-2.0
// Data of one method for the suite over all methods: a small form of it, and for each flag the effect that
// must be visible. Each method's folder defines method_case().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mien/method/method.h"

namespace mien::testing {

/// The result of one step of a method, built with the case's settings and seed 1, on a batch determined by the case.
struct Observed {
  std::int64_t num_parameters = 0;
  std::vector<at::Tensor> views;
  std::map<std::string, double> terms, weights;  ///< of the turn's losses, by name
  double total = 0;
  at::Tensor gradient;     ///< of the total, all trained parameters in one row
  at::Tensor logits;       ///< predict() before the step; for detectors the first map
  nn::NamedTensors state;  ///< extra state after the step and its after_step hook
  method::Stage stage;
};

/// Whether the flag had its effect; a message if it did not.
using Effect = std::function<std::string(const Observed& plain, const Observed& flagged)>;

namespace effect {
Effect total();                                 ///< the total loss changes
Effect term(const std::string& name);           ///< the value of a term changes
Effect appears(const std::string& name);        ///< a new term appears
Effect vanishes(const std::string& name);       ///< a term disappears
Effect weight(const std::string& name);         ///< the weight of a term changes
Effect gradient();                              ///< the loss does not change, its gradient does
Effect parameters();                            ///< the number of parameters changes
Effect logits();                                ///< the answer changes, the number of parameters does not
Effect views();                                 ///< the training pictures change
Effect state(const std::string& name);          ///< a tensor of the extra state changes
Effect state_appears(const std::string& name);  ///< a new tensor of the extra state appears
Effect stage(const std::string& what, const std::function<bool(const method::Stage&)>& holds);  ///< holds only with it
}  // namespace effect

struct Flag {
  std::vector<std::string> settings;
  Effect effect;
};

struct MethodCase {
  std::vector<std::string> tiny;  ///< settings of the small form
  int side = 32;                  ///< of the input, pixels
  int rows = 4;                   ///< pictures in a batch, labels 0, 3, 5, 3, ... of eight classes
  int epoch = 0;                  ///< at which the step is taken
  /// The network computes the same in training and in inference: it has neither dropout nor statistics of batches.
  bool is_same_in_training = false;
  std::vector<Flag> flags;
};

/// The method in the case's small form with further settings, initialised with the seed.
std::unique_ptr<method::Method> build(method::MethodConfig& config, const MethodCase& small,
                                      const std::vector<std::string>& settings = {}, std::uint64_t seed = 1);
/// Logits; for detectors, which have none, the first map.
at::Tensor answer_of(const method::Prediction& prediction);
/// Grey 48 px noise through the stage's views; labels, and votes with four fifths of agreement; a box in every
/// picture but the last if the stage requests boxes.
batch::Batch batch_for(const method::Stage& stage, const MethodCase& small, std::uint64_t seed = 1);
/// One step of the method's first turn.
Observed observe(method::MethodConfig& config, const MethodCase& small, const std::vector<std::string>& settings);

/// Builds the method with init.backbone = the state of another run of it with other weights (and `settings`): the
/// number of entries below `part` ("base."), or a message if one of them differs from the other run's.
struct TakenBackbone {
  int entries = 0;
  std::string fault;
};
TakenBackbone backbone_of_another_run(method::MethodConfig& config, const MethodCase& small, const std::string& part,
                                      const std::vector<std::string>& settings = {});

/// An undefined tensor if there is none with this name.
at::Tensor find(const nn::NamedTensors& all, const std::string& name);

}  // namespace mien::testing
