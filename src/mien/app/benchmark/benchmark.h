// SPDX-License-Identifier: Apache-2.0
// How long each stage of recognition takes, by the pipeline's own timers; several configurations are compared in
// alternation, so that other load on the machine affects all of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/base/machine.h"
#include "mien/base/progress.h"
#include "mien/runtime/session.h"

namespace mien::app {

/// One configuration of the matrix.
struct BenchSetup {
  std::filesystem::path model;
  std::string detector = "none";  ///< as for detector_kind(), or "none": each picture is a face crop
  runtime::Precision precision = runtime::Precision::f32;
  int threads = 0;  ///< 0: all cores
  int batch = 0;    ///< faces per run of the network, for the stage "batch"; 0: without it
};

struct BenchOptions {
  int rounds = 30;  ///< measured passes over all pictures, per configuration
  int warm_up = 3;  ///< passes before the measurement, not counted
};

/// Milliseconds. Quantiles interpolate between the sorted samples (position q (n - 1)).
struct Timing {
  std::size_t samples = 0;
  double min = 0, p50 = 0, p95 = 0;
  double spread = 0;  ///< upper minus lower quartile
};
Timing summarize(std::vector<double> milliseconds);

/// decode: file to pixels. detect: faces with boxes. align: landmarks, crop. net: scaling and network. post: logits to
/// probabilities. total: all of these, one after the other. Per picture; "batch" per run of `batch` faces, as "net".
struct StageTiming {
  std::string stage;
  Timing ms;
};

struct BenchResult {
  BenchSetup setup;
  std::vector<std::string> kernels;  ///< instruction sets that the expression network uses, most frequent first
  std::string detector_name;         ///< as the detector names itself
  double load_ms = 0;     ///< networks read, compiled or loaded from the cache, first run of the expression network
  double first_ms = 0;    ///< first picture after that
  std::size_t faces = 0;  ///< found in all pictures together
  std::vector<StageTiming> stages;
};

struct Bench {
  Machine machine;  ///< before the first configuration was loaded
  BenchOptions options;
  std::vector<std::filesystem::path> pictures;
  std::vector<BenchResult> results;  ///< in the order of the configurations
};

/// Throws what loading a configuration or a picture throws; interrupted (base/progress.h).
Bench run_bench(const std::vector<BenchSetup>& setups, const std::vector<std::filesystem::path>& pictures,
                const BenchOptions& options, const ProgressSink& progress);

/// The formats of docs/formats.md. Ratios are medians divided by those of the first configuration.
Json to_json(const Bench& bench);
std::string to_markdown(const Bench& bench);

}  // namespace mien::app
