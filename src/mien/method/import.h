// SPDX-License-Identifier: Apache-2.0
// Foreign weights into a method's network, by key, with a full report of what fits and what does not.
#pragma once

#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/method/method.h"
#include "mien/nn/weights_file.h"

namespace mien::method {

struct ImportReport {
  std::string origin;                   ///< file
  std::string format, entry;            ///< as in nn/weights_file.h
  std::size_t in_network = 0;           ///< entries of the network's state dict
  std::size_t loaded = 0;               ///< of them, taken from the file
  std::vector<std::string> missing;     ///< in the network, not in the file
  std::vector<std::string> unexpected;  ///< in the file, not in the network
  std::vector<std::string> mismatched;  ///< "fc.weight: (8, 512) in the file, (7, 512) here"
  std::vector<std::string>
      excused;  ///< missing but not needed: counters of old files, entries that the method declares optional
  std::vector<std::string>
      converted;                     ///< "fc.weight: float16 in the file, float32 here", and tensors that were reshaped
  std::vector<std::string> others;   ///< entries of the file that are not tensors, and unrelated numbers
  std::vector<std::string> entries;  ///< the file's other dictionaries with tensors
  bool complete() const { return missing.empty() && unexpected.empty() && mismatched.empty(); }
};

/// The file's tensors under mien's keys. First the given prefixes are removed in any
/// position ("net." in "net.fc.weight", "a.net.fc.weight"), then the parts that wrappers add ("module", "_orig_mod") in
/// any position and a prefix without which more keys fit; never a part that the network or a rule knows. Then twins
/// (method/twins.h; throws if they differ, naming `origin`), then the rules' prefixes are replaced,
/// and pieces that the rules name "qkv.[0].weight", "qkv.[1].weight", ... are joined to "qkv.weight".
nn::NamedTensors to_our_names(const ImportRules& rules, const torch::nn::Module& network,
                              const nn::NamedTensors& theirs, const std::string& origin = {},
                              const std::vector<std::string>& strip = {});

/// For nn::read_weights: how many entries of the network a dictionary fills. `network` must outlive it.
weights::FitOf fit_of(const torch::nn::Module& network, const ImportRules& rules,
                      const std::vector<std::string>& strip = {});
/// The same for the method's network, with its rules. `method` must outlive it.
weights::FitOf fit_of(Method& method, const std::vector<std::string>& strip = {});

/// Weights under mien's keys, with the shapes of the network if the rules allow reshaping: `reshaped` and
/// `position_grids`. Adds a line to `notes` for each that was changed.
nn::NamedTensors brought_to_shape(const ImportRules& rules, const torch::nn::Module& network, nn::NamedTensors weights,
                                  std::vector<std::string>& notes);

/// The tensor without its first axis if it has one axis more than the network's and all its rows are equal; otherwise
/// the tensor itself.
at::Tensor one_of_equal_rows(const at::Tensor& tensor, const at::Tensor& wanted);

/// Copies what fits by key and shape and ignores the rest. `weights` has mien's keys. Throws bad_input naming
/// `origin` and the keys of weights that are not finite.
ImportReport load_what_fits(torch::nn::Module& network, const nn::NamedTensors& weights,
                            const std::vector<std::string>& optional = {}, const std::string& origin = {});

/// Both steps for a whole method, with its own rules; reads its extra state (centres) if the file has it.
ImportReport import_weights(Method& method, const nn::WeightsFile& file, const std::vector<std::string>& strip = {});

/// Throws bad_input with counts and first names if the report is not complete.
void require_complete(const ImportReport& report, const std::string& what);

/// Reads only a whole backbone from a safetensors or PyTorch file (init.backbone), by `names`; entries without a
/// match, such as a foreign classifier, are left out. Throws bad_input if the backbone is incomplete; `what` is for the
/// message.
void load_backbone(torch::nn::Module& backbone, const std::string& path, const nn::RenameRules& names,
                   const std::string& what = "the backbone (init.backbone)");

/// One line on what was loaded, then a row for each entry that did not fit, at most `rows` of a kind.
std::vector<std::string> describe(const ImportReport& report, std::size_t rows = 40);
Json to_json(const ImportReport& report);

}  // namespace mien::method
