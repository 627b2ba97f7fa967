// SPDX-License-Identifier: Apache-2.0
// The one interface for ten very different methods. Nothing outside methods/ knows a method by
// name; the registry creates it, the Trainer runs its stages, export records its deploy function.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mien/base/config.h"
#include "mien/batch/batch.h"
#include "mien/method/deploy.h"
#include "mien/method/stage.h"
#include "mien/nn/state.h"
#include "mien/nn/weights_file.h"

namespace mien::method {

class GoldenScribe;

struct MethodInfo {
  std::string name;     ///< "dan"
  std::string title;    ///< "Distract Your Attention Network"
  std::string paper;    ///< full citation
  std::string licence;  ///< of the published weights
  std::vector<std::string> stages;
  std::vector<std::string> golden = {};  ///< names of its golden files; none: one, named like the method

  std::vector<std::string> golden_files() const { return golden.empty() ? std::vector{name} : golden; }
};

/// Facts of the data that a network is built for.
struct DataFacts {
  std::vector<std::string> classes;  ///< order of the logits
  face::InputSpec input;             ///< size, channels, scaling, crop rule
};

/// The prediction for a batch at test time: logits (B,K), or one list of boxes per picture for detectors.
struct Prediction {
  at::Tensor logits;                   ///< (B,K) float32; undefined for detection methods
  std::vector<at::Tensor> detections;  ///< per picture (n, 6): x, y, width, height, score, class; otherwise empty
  nn::NamedTensors maps = {};          ///< maps that the method can show: attention (B,H,h,w), gates (B,H,D), ...
  nn::NamedTensors values = {};        ///< numbers of each face (B,n): clarity (B,1), weights of nine parts (B,9), ...
};

/// Rules for reading a foreign state dict into this network.
struct ImportRules {
  std::vector<std::string> containers;   ///< dictionary entries that may hold the weights: "model_state_dict"
  std::vector<nn::DictPart> parts = {};  ///< if published files split the weights over several dictionaries
  nn::RenameRules keys;                  ///< foreign prefixes → mien's prefixes; empty: unchanged
  std::vector<std::string> optional;     ///< state-dict prefixes that a foreign file need not have
  /// Prefixes whose entries repeat those of another prefix, before `keys` rename: twin, original. An entry
  /// of the twin must equal its original (method/twins.h) and is left out.
  std::vector<std::pair<std::string, std::string>> twins;
  /// Keys of the network that published files may keep outside the dictionary of the weights, or with a further first
  /// axis along which all rows are equal.
  std::vector<std::string> around = {};
  std::vector<std::string> reshaped = {};  ///< keys whose tensors may have another shape of the same size
  /// Keys of position embeddings, with their class tokens: resized to the network's grid (nn/position_embedding.h).
  std::vector<std::pair<std::string, std::int64_t>> position_grids = {};
  std::string classifier;           ///< key whose first size is the number of classes: "fc.weight"
  std::vector<std::string> orders;  ///< class orders of the published files, by name (face/class_order.h)
  std::vector<std::string> config;  ///< configuration that the published files need: "input.size=224"
};

/// One object = one network with its losses, built from its own config.
class Method {
 public:
  virtual ~Method() = default;
  virtual const MethodInfo& info() const = 0;
  virtual const DataFacts& facts() const = 0;
  /// Keys of its state dict are those of the published checkpoint.
  virtual torch::nn::Module& network() = 0;
  /// Learned or kept outside the network but part of a checkpoint (centres, class distributions, modes), by name,
  /// sharing storage with the method; the Trainer moves it to the device with the network.
  virtual nn::NamedTensors extra_state() { return {}; }
  /// State of parts that losses use but nothing trains (a perceptual loss's network), outside network(): the Trainer
  /// moves it to the device; checkpoints do not contain it, so the method must be able to load it itself.
  virtual nn::NamedTensors fixed_state() { return {}; }
  virtual void initialise(std::uint64_t seed) = 0;  ///< the paper's initialisation, seeded
  virtual std::vector<Stage> stages() = 0;
  /// Inference mode, no gradient; images (B,C,H,W) normalised float32.
  virtual Prediction predict(const at::Tensor& images) = 0;
  /// What export records. Throws usage if the method does not know an option.
  virtual Deploy deploy(const DeployOptions& options = {}) = 0;
  virtual ImportRules import_rules() const { return {}; }
};

/// A method before it is built: its config fields can be listed, set and printed.
class MethodConfig {
 public:
  virtual ~MethodConfig() = default;
  virtual const MethodInfo& info() const = 0;
  virtual void declare(Fields& fields) = 0;
  virtual std::unique_ptr<Method> build(const DataFacts& facts) = 0;
  /// This build's results for every tensor of one of its golden files (method/golden_scribe.h).
  virtual void answer_golden(GoldenScribe& scribe) const = 0;
};

}  // namespace mien::method
