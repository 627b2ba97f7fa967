// SPDX-License-Identifier: Apache-2.0
#include "mien/report/responses.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <set>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/report/charts.h"
#include "mien/report/plot.h"
#include "mien/report/table.h"
#include "mien/report/thumbnails.h"
#include "mien/score/principal_plane.h"

namespace mien::report {
namespace {

using report::Html;

constexpr std::size_t kStrongest = 6;      ///< pictures per named value
constexpr std::size_t kMostGroups = 12;    ///< with bars of means
constexpr std::size_t kSeparating = 8;     ///< channels in the table of a feature vector
constexpr std::size_t kMostPoints = 1500;  ///< drawn of a feature space

const std::string& class_of(const pack::Pack& pack, std::uint32_t picture) {
  return pack.info().classes[static_cast<std::size_t>(pack.sample(picture).label)];
}

std::string words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string response_text(double value) { return fixed(value, std::abs(value) < 1 ? 3 : 2); }

Html strongest_gallery(const Responses& r, const Responses::Output& output, std::size_t label, const pack::Pack& pack) {
  std::vector<report::Thumbnail> thumbnails;
  for (const auto place : strongest(output, label, kStrongest)) {
    const auto picture = r.pictures[place];
    const double value = output.rows[place * output.labels.size() + label];
    thumbnails.push_back(
        {thumbnail_of(pack, picture),
         fmt::format("{} {}, labelled {}", output.labels[label], response_text(value), class_of(pack, picture)),
         report::tag("strong", response_text(value)) + Html::raw("<br>") + report::escape(class_of(pack, picture))});
  }
  return report::tag("h3", output.labels[label]) + report::gallery(thumbnails);
}

Html strongest_table(const Responses& r, const Responses::Output& output, const pack::Pack& pack) {
  std::vector<std::vector<Html>> rows;
  for (std::size_t label = 0; label < output.labels.size(); ++label)
    for (const auto place : strongest(output, label, kStrongest)) {
      const auto picture = r.pictures[place];
      rows.push_back(
          {report::escape(output.labels[label]),
           report::escape(response_text(static_cast<double>(output.rows[place * output.labels.size() + label]))),
           report::escape(class_of(pack, picture)), report::name_of_file(pack.sample(picture).source)});
    }
  return report::folded(
      fmt::format("{} pictures", rows.size()),
      report::table({{"of", false}, {"value", true}, {"label", false}, {"picture", false, true}}, rows));
}

void add_strongest(report::Page& page, const Responses& r, const Responses::Output& output, const pack::Pack& pack,
                   bool pictures) {
  const std::string title = fmt::format("Largest {}", words(output.name)),
                    note = fmt::format("The faces of this part with the largest values. Values: {}. ", output.meaning);
  if (!pictures) return page.add_section(title, strongest_table(r, output, pack), note + left_out_note(pack.info()));
  Html body;
  for (std::size_t label = 0; label < output.labels.size(); ++label) body += strongest_gallery(r, output, label, pack);
  page.add_section(title, body, note + private_note(pack.info()));
}

/// Bars of the means of each group; all groups have one scale.
void add_means(report::Page& page, const Responses& r, const Responses::Output& output, const score::Breakdown& by) {
  std::vector<std::vector<double>> means;
  double largest = 0;
  for (const auto& group : by.groups) {
    means.push_back(mean_over(r, output, group.pictures));
    for (const double mean : means.back()) largest = std::max(largest, std::abs(mean));
  }
  std::vector<Html> figures;
  for (std::size_t i = 0; i < std::min(means.size(), kMostGroups); ++i) {
    std::vector<std::pair<std::string, double>> bars;
    for (std::size_t label = 0; label < output.labels.size(); ++label)
      bars.emplace_back(output.labels[label], means[i][label]);
    figures.push_back(report::figure(by.groups[i].name, {}, value_bars(bars, {}, largest),
                                     fmt::format("{} pictures", count_text(by.groups[i].size()))));
  }
  std::string note = fmt::format("Means over the pictures of each group. Values: {}.", output.meaning);
  if (means.size() > kMostGroups) note += fmt::format(" The first {} of {} groups.", kMostGroups, means.size());
  page.add_section(fmt::format("Mean {} by {}", words(output.name), by.title), report::side_by_side(figures), note);
}

/// The numbers of a feature vector whose means differ most between the classes, with these means.
Html separating_channels(const Responses& r, const Responses::Output& output, const pack::Pack& pack) {
  const std::size_t width = output.rows.size() / r.pictures.size();
  std::vector<std::pair<double, std::size_t>> shares;
  for (std::size_t i = 0; i < width; ++i) shares.emplace_back(share_between_classes(r, output, i, pack), i);
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  shares.resize(std::min(shares.size(), kSeparating));
  std::vector<Column> columns{{"channel", false}, {"between classes, %", true}};
  std::vector<std::vector<double>> means;
  for (std::size_t k = 0; k < pack.info().classes.size(); ++k) {
    std::vector<std::uint32_t> of_class;
    std::copy_if(r.pictures.begin(), r.pictures.end(), std::back_inserter(of_class),
                 [&](std::uint32_t picture) { return pack.sample(picture).label == static_cast<int>(k); });
    if (of_class.empty()) continue;
    columns.push_back({pack.info().classes[k], true});
    means.push_back(mean_over(r, output, of_class));
  }
  std::vector<std::vector<Html>> rows;
  for (const auto& [share, channel] : shares) {
    rows.push_back({report::escape(std::to_string(channel + 1)), report::escape(percent_text(share))});
    for (const auto& mean : means) rows.back().push_back(report::escape(number_text(mean[channel])));
  }
  return report::paragraph(
             "The channels whose means differ most between the classes: share of the variance that the "
             "label explains, and mean per class.") +
         report::table(columns, rows);
}

void add_feature_space(report::Page& page, const Responses& r, const Responses::Output& output,
                       const pack::Pack& pack) {
  const auto& classes = pack.info().classes;
  const std::size_t n = r.pictures.size();
  const auto plane = score::principal_plane(output.rows, output.rows.size() / n);
  report::Plot plot(
      report::nice_axis(fmt::format("first component, {} % of the variance", percent_text(plane.share_x, 0)), plane.x,
                        false),
      report::nice_axis(fmt::format("second, {} %", percent_text(plane.share_y, 0)), plane.y, false),
      "Pictures in feature space, by label", 400);
  const std::size_t drawn = std::min(n, kMostPoints);
  std::vector<double> x(classes.size()), y(classes.size()), count(classes.size());
  for (std::size_t i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(pack.sample(r.pictures[i]).label);
    x[k] += plane.x[i], y[k] += plane.y[i], count[k] += 1;
    if ((i + 1) * drawn / n > i * drawn / n)
      plot.point(plane.x[i], plane.y[i], static_cast<int>(k), {}, 1.8);  // evenly over the part
  }
  std::vector<report::LegendEntry> entries;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (count[k] == 0) continue;
    entries.push_back({classes[k], static_cast<int>(k)});
    plot.point(x[k] / count[k], y[k] / count[k], static_cast<int>(k), fmt::format("mean of {}", classes[k]), 6);
  }
  page.add_section(
      fmt::format("Pictures by {}", words(output.name)),
      report::figure("Principal components", report::legend(entries), plot.finish(),
                     fmt::format("One point per picture{}, coloured by its label; a disc marks the mean of each class.",
                                 drawn < n ? fmt::format(" ({} of {} drawn)", drawn, n) : "")) +
          separating_channels(r, output, pack),
      fmt::format("Position of the pictures by {}, along the two directions of largest variance.", output.meaning));
}

}  // namespace

void Responses::add(const face::OutputSpec& output, const std::vector<float>& row) {
  auto found = std::find_if(outputs.begin(), outputs.end(), [&](const Output& o) { return o.name == output.name; });
  if (found == outputs.end()) found = outputs.insert(outputs.end(), {output.name, output.meaning, output.labels, {}});
  found->rows.insert(found->rows.end(), row.begin(), row.end());
}

std::vector<std::size_t> strongest(const Responses::Output& output, std::size_t label, std::size_t limit) {
  const std::size_t width = output.labels.size();
  std::vector<std::size_t> places(output.rows.size() / width);
  std::iota(places.begin(), places.end(), std::size_t{0});
  limit = std::min(limit, places.size());
  std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(limit), places.end(),
                    [&](std::size_t a, std::size_t b) {
                      const float va = output.rows[a * width + label], vb = output.rows[b * width + label];
                      return va != vb ? va > vb : a < b;
                    });
  places.resize(limit);
  return places;
}

std::vector<double> mean_over(const Responses& responses, const Responses::Output& output,
                              const std::vector<std::uint32_t>& pictures) {
  const std::set<std::uint32_t> wanted(pictures.begin(), pictures.end());
  const std::size_t width = output.rows.size() / responses.pictures.size();
  std::vector<double> mean(width);
  std::size_t count = 0;
  for (std::size_t i = 0; i < responses.pictures.size(); ++i) {
    if (!wanted.contains(responses.pictures[i])) continue;
    ++count;
    for (std::size_t k = 0; k < width; ++k) mean[k] += static_cast<double>(output.rows[i * width + k]);
  }
  for (double& value : mean) value /= static_cast<double>(std::max<std::size_t>(1, count));
  return mean;
}

double share_between_classes(const Responses& responses, const Responses::Output& output, std::size_t place,
                             const pack::Pack& pack) {
  const std::size_t n = responses.pictures.size(), width = output.rows.size() / n;
  std::vector<double> sum(pack.info().classes.size()), count(pack.info().classes.size());
  double total = 0, squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double value = static_cast<double>(output.rows[i * width + place]);
    const auto k = static_cast<std::size_t>(pack.sample(responses.pictures[i]).label);
    sum[k] += value, count[k] += 1;
    total += value, squares += value * value;
  }
  const double mean = total / static_cast<double>(n), variance = squares / static_cast<double>(n) - mean * mean;
  double between = 0;
  for (std::size_t k = 0; k < sum.size(); ++k)
    if (count[k] > 0) between += count[k] * std::pow(sum[k] / count[k] - mean, 2) / static_cast<double>(n);
  return variance > 1e-12 ? between / variance : 0;
}

void add_responses(report::Page& page, const Responses& responses, const pack::Pack& pack,
                   const std::vector<score::Breakdown>& by, bool pictures) {
  if (responses.pictures.empty()) return;
  for (const auto& output : responses.outputs) {
    if (output.labels.empty()) {
      add_feature_space(page, responses, output, pack);
    } else if (output.labels.size() > 1 && !output.name.starts_with("class_")) {
      for (const auto& breakdown : by) add_means(page, responses, output, breakdown);
      add_strongest(page, responses, output, pack, pictures);
    }
  }
}

}  // namespace mien::report
