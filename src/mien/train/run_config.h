// SPDX-License-Identifier: Apache-2.0
// One configuration of a run: the trainer's fields and the method's fields in one list.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "mien/method/method.h"
#include "mien/train/config.h"

namespace mien::train {

/// The registry, passed by the caller: training knows no method by name.
using MethodFactory = std::function<std::unique_ptr<method::MethodConfig>(const std::string& name)>;

class RunConfig {
 public:
  /// Reads a TOML file, then applies --set assignments in order. Unknown keys, wrong types and values out of range are
  /// usage errors that name the nearest key.
  static RunConfig from_file(const std::filesystem::path& path, const std::vector<std::string>& sets,
                             const MethodFactory& factory);
  /// From a resolved configuration, as stored in a checkpoint.
  static RunConfig from_json(const Json& resolved, const std::string& origin, const MethodFactory& factory);

  /// Changes one value, like --set.
  void set(const std::string& assignment) { fields_.set_text(assignment); }
  TrainConfig& train() { return *train_; }
  const TrainConfig& train() const { return *train_; }
  Json resolved() const { return fields_.resolved(); }
  std::unique_ptr<method::Method> build(const method::DataFacts& facts) const { return method_->build(facts); }

 private:
  RunConfig(const std::string& method, const MethodFactory& factory);

  std::unique_ptr<TrainConfig> train_;  // on the heap: the fields point into it
  std::unique_ptr<method::MethodConfig> method_;
  Fields fields_;
};

}  // namespace mien::train
