// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/reconstruction.h"

namespace mien::methods::ifer {
namespace {

face::OutputSpec spec(std::string name, std::string meaning, std::string range, face::OutputKind kind) {
  return {std::move(name), std::move(meaning), std::move(range), 0, 0, {}, kind};
}

}  // namespace

std::vector<method::DeployOutput> reconstruction_outputs(IferNet& network, const EncoderOutput& encoder,
                                                         std::int64_t channels) {
  using face::OutputKind;
  const at::Tensor codes = network->generator_codes(encoder.codes);
  const at::Tensor image = network->generate(codes, encoder.structure, Noise::fixed);
  std::vector<method::DeployOutput> out;
  out.push_back({spec("reconstruction", "the picture that the generator makes of the face's codes", "that of the input",
                      OutputKind::picture),
                 channels == 1 ? image.mean(1, /*keepdim=*/true) : image});
  out.push_back({spec("codes", "one code per layer of the generator", "real", OutputKind::features), codes});
  if (network->uses_structure())
    out.push_back(
        {spec("structure", "what the generator begins with", "real", OutputKind::features), encoder.structure});
  out.push_back({spec("mean_code", "the generator's mean code, the same for each face", "real", OutputKind::features),
                 network->latent_avg.view({1, 1, -1}).expand({codes.size(0), 1, network->latent_avg.size(0)})});
  return out;
}

}  // namespace mien::methods::ifer
