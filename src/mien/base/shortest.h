// SPDX-License-Identifier: Apache-2.0
// Numbers with only their significant digits.
#pragma once

namespace mien {

/// The double with the fewest digits that reads back as the same float: 0.311, not 0.3109999895095825.
double shortest(float value);
/// Rounded to the nearest multiple of 1 / per_unit: rounded(0.1239, 100) is 0.12.
double rounded(double value, double per_unit);

}  // namespace mien
