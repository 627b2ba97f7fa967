// SPDX-License-Identifier: Apache-2.0
// The sizes of the networks: the published ones at 256 pixels, and the same at 64 pixels (card 2 and 4.1).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace mien::methods::ifer {

enum class Preset { base, small };
constexpr auto words_of(Preset) { return std::array{"base", "small"}; }

struct EncoderSizes {
  std::int64_t image = 256;  ///< pixels of a side
  std::int64_t dim = 128;    ///< channels of the first level; every level doubles them
  std::vector<std::int64_t> depths{3, 4, 19, 5}, heads{4, 8, 16, 32}, windows{8, 8, 16, 8};
  std::int64_t stem_stride = 2, structure_stride = 2;
  std::int64_t style_window = 8;
  std::array<std::int64_t, 3> style_heads{3, 4, 7};  ///< on c3, p2 and p1
  bool classifier = true;                            ///< the unused 1000-way layer of the published files

  std::int64_t code() const { return 4 * dim; }  ///< width of codes, structure code and features
  std::int64_t num_codes() const { return style_heads[0] + style_heads[1] + style_heads[2]; }
  std::int64_t side(std::size_t level) const { return image / stem_stride / (std::int64_t{2} << level); }
  std::int64_t channels(std::size_t level) const { return dim << level; }
  std::int64_t num_blocks() const;
};

struct GeneratorSizes {
  std::int64_t image = 256, code = 512;
  std::int64_t mapping_layers = 8;
  /// Channels of the maps at 4, 8, 16, ... pixels, up to `image`.
  std::vector<std::int64_t> channels{512, 512, 512, 512, 512, 256, 128};

  std::int64_t num_levels() const { return static_cast<std::int64_t>(channels.size()); }
  std::int64_t num_codes() const { return 2 * num_levels(); }
};

struct Sizes {
  EncoderSizes encoder;
  GeneratorSizes generator;
  std::int64_t embedding = 128;                                           ///< of the inversion discriminator
  std::array<std::int64_t, 2> face_rows{35, 223}, face_columns{32, 220};  ///< input of the identity network
};

Sizes sizes_of(Preset preset);

}  // namespace mien::methods::ifer
