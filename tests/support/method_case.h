// SPDX-License-Identifier: Apache-2.0
// What the suite over all methods needs to know of one method: a small form of it, and for each flag the effect that
// must be seen. Each method's folder defines method_case().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mien/method/method.h"

namespace mien::testing {

/// What one step of a method shows: built from the case's settings with seed 1, on a batch that follows from the case.
struct Observed {
  std::int64_t num_parameters = 0;
  std::vector<at::Tensor> views;
  std::map<std::string, double> terms, weights;  ///< of the turn's losses, by name
  double total = 0;
  at::Tensor gradient;     ///< of the total, all trained parameters in one row
  at::Tensor logits;       ///< predict() before the step; of detectors their first map
  nn::NamedTensors state;  ///< extra state behind the step and its after_step hook
  method::Stage stage;
};

/// Whether the flag did what it says; a sentence where it did not.
using Effect = std::function<std::string(const Observed& plain, const Observed& flagged)>;

namespace effect {
Effect total();                                 ///< the total loss changes
Effect term(const std::string& name);           ///< the value of a term changes
Effect appears(const std::string& name);        ///< a term is there that was not
Effect vanishes(const std::string& name);       ///< a term is gone
Effect weight(const std::string& name);         ///< the weight of a term changes
Effect gradient();                              ///< the loss stays, its gradient changes
Effect parameters();                            ///< the number of parameters changes
Effect logits();                                ///< the answer changes, with as many parameters
Effect views();                                 ///< the training pictures change
Effect state(const std::string& name);          ///< a tensor of the extra state changes
Effect state_appears(const std::string& name);  ///< a tensor of the extra state is there that was not
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
/// Logits; of detectors, which have none, their first map.
at::Tensor answer_of(const method::Prediction& prediction);
/// Grey 48 px noise through the stage's views; labels, and votes of which four fifths agree with them; a box in every
/// picture but the last where the stage asks for boxes.
batch::Batch batch_for(const method::Stage& stage, const MethodCase& small, std::uint64_t seed = 1);
/// One step of the method's first turn.
Observed observe(method::MethodConfig& config, const MethodCase& small, const std::vector<std::string>& settings);

/// Builds the method with init.backbone = the state of another run of it with other weights (and `settings`): the
/// number of entries below `part` ("base."), or a sentence where one of them is not the other run's.
struct TakenBackbone {
  int entries = 0;
  std::string fault;
};
TakenBackbone backbone_of_another_run(method::MethodConfig& config, const MethodCase& small, const std::string& part,
                                      const std::vector<std::string>& settings = {});

/// An undefined tensor where there is none of this name.
at::Tensor find(const nn::NamedTensors& all, const std::string& name);

}  // namespace mien::testing
