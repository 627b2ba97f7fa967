// SPDX-License-Identifier: Apache-2.0
// Progress pictures for the run's report.
#pragma once

#include "mien/method/stage.h"
#include "mien/methods/ifer/whole.h"

namespace mien::methods::ifer {

/// Sixteen faces from the same draws at every call, four by four.
method::Picture generated_faces(IferNet& network);

/// A row per face: source, inversion, inversion without its structure code. images (N,1|3,S,S) in -1..1.
method::Picture inverted_faces(IferNet& network, const at::Tensor& images);

/// (rows·columns,3,S,S) in -1..1 → (3, rows·S, columns·S) uint8, row by row.
at::Tensor mosaic(const at::Tensor& images, std::int64_t columns);

}  // namespace mien::methods::ifer
