// SPDX-License-Identifier: Apache-2.0
// The orders in which a selective scan visits the cells of a map (kernels/scan_order.h), as animated drawings.
#pragma once

#include "mien/report/html.h"

namespace mien::present {

/// One drawing per direction of a scan with `directions` of them, on a grid of at most 10 × 10 cells with the shape of
/// the map. Cells appear in the order of the scan, over and over; colours from pale to dark give the order without
/// motion, too.
report::Html scan_animation(int directions, int rows, int columns);

}  // namespace mien::present
