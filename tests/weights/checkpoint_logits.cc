// SPDX-License-Identifier: Apache-2.0
// checkpoint_logits CHECKPOINT INPUT OUTPUT: builds the method of a checkpoint, passes it the tensor "images" of
// INPUT (B,C,H,W, normalised) and writes the tensor "logits" to OUTPUT; all three are safetensors files.
#include <cstdio>

#include "mien/base/error.h"
#include "mien/methods/registry.h"
#include "mien/train/checkpoint.h"
#include "mien/train/run_config.h"

int main(int argc, char** argv) {
  using namespace mien;
  if (argc != 4) return 2;
  try {
    const auto file = nn::read_safetensors(argv[1]);
    const auto info = train::info_from(file.metadata, argv[1]);
    auto method = train::RunConfig::from_json(info.config, argv[1], methods::make_config).build(info.facts);
    train::load_weights(*method, file);
    nn::write_safetensors(argv[3], {{"logits", method->predict(nn::read_safetensors(argv[2]).at("images")).logits}},
                          {});
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s %s\n", error.message().c_str(), error.remedy().c_str());
    return exit_code(error.kind());
  }
}
