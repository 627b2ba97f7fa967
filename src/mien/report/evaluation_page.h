// SPDX-License-Identifier: Apache-2.0
// An evaluation as a page (report.html): figures of each class, confusion, confidence, the surest mistakes.
#pragma once

#include <string>

#include "mien/report/page.h"
#include "mien/report/responses.h"
#include "mien/score/evaluation_report.h"
#include "mien/score/figures.h"

namespace mien::report {

struct PageOptions {
  bool thumbnails = false;  ///< show pictures although the pack does not say that they may be shown
  std::size_t num_mistakes = 24;
  double temperature = 1;                ///< that the probabilities were made with
  std::string settings;                  ///< configuration behind the model, as text; may be empty
  const Responses* responses = nullptr;  ///< further values of the model; optional
  bool shows(const pack::PackInfo& info) const { return thumbnails || info.pictures_may_be_shown; }
};
/// The caller may add sections before it writes the page. Pictures are embedded where the pack's terms allow it or
/// options.thumbnails requests it; otherwise the mistakes are a list of names.
report::Page evaluation_page(const score::Evaluation& evaluation, const score::Figures& figures,
                             const score::Facts& facts, const pack::Pack& pack, const PageOptions& options);

/// The wrong answers, surest first, at most `limit`.
std::vector<score::Outcome> surest_mistakes(const score::Evaluation& evaluation, std::size_t limit);

}  // namespace mien::report
