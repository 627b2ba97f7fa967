// SPDX-License-Identifier: Apache-2.0
// Numbers with the digits that matter.
#pragma once

namespace mien {

/// The double with the fewest digits that reads back as the same float: 0.311, not 0.3109999895095825.
double shortest(float value);

}  // namespace mien
