// SPDX-License-Identifier: Apache-2.0
// What most methods would write alike: the configuration that builds the method.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mien/method/golden_file.h"
#include "mien/method/method.h"

namespace mien::method {

namespace detail {
/// The free function beside the configuration; inside a class its member of the same name would be found instead.
template <class Config>
void declare_fields(Fields& fields, Config& config) {
  declare(fields, config);
}
}  // namespace detail

/// Configuration of the method M: a struct with a free declare(Fields&, Config&) beside it. M is made of it and the
/// facts. `golden` reads the configuration that the golden file was made with.
template <class M, class Config>
class ConfigOf final : public MethodConfig {
 public:
  using GoldenConfig = Config (*)(const nn::TensorFile& golden);
  ConfigOf(const MethodInfo& info, GoldenConfig golden) : info_(info), golden_(golden) {}
  const MethodInfo& info() const override { return info_; }
  void declare(Fields& fields) override { detail::declare_fields(fields, config_); }
  std::unique_ptr<Method> build(const DataFacts& facts) override { return std::make_unique<M>(config_, facts); }
  std::unique_ptr<Method> build_golden(const nn::TensorFile& golden) override {
    return std::make_unique<M>(golden_(golden), golden_facts(golden));
  }

 private:
  const MethodInfo& info_;
  GoldenConfig golden_;
  Config config_;
};

}  // namespace mien::method
