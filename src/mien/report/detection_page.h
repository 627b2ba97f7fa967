// SPDX-License-Identifier: Apache-2.0
// The evaluation of a detector as a page (report.html): average precision of each class, precision against recall.
#pragma once

#include <string>

#include "mien/report/page.h"
#include "mien/score/detection.h"

namespace mien::report {

/// `settings`: configuration behind the model, as text; may be empty.
Page detection_page(const score::DetectionEvaluation& evaluation, const score::Facts& facts, const pack::Pack& pack,
                    const std::string& settings);

}  // namespace mien::report
