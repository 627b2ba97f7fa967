// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/data_set.h"

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/class_folders.h"
#include "mien/dataset/csv_list.h"
#include "mien/image/image.h"

namespace mien::dataset {
namespace fs = std::filesystem;
namespace {

bool is_list_file(const fs::path& path) {
  const std::string extension = lower(path.extension().string());
  return fs::is_regular_file(path) && (extension == ".csv" || extension == ".txt" || extension == ".lst");
}

std::string detect_layout(const FileTree& tree, const LabelOrder& order, std::optional<std::string>& list) {
  if (looks_like_ferplus(tree)) return "ferplus";
  if ((list = find_list(tree))) return "csv";
  if (looks_like_class_folders(tree, order)) return "folders";
  const auto pictures = std::count_if(tree.files().begin(), tree.files().end(),
                                      [](const auto& name) { return image::has_image_name(name); });
  fail_input(text(tree.root().string(), ": no known layout among ", tree.files().size(), " files (", pictures,
                  " pictures). Looked for FER2013Train/label.csv, "
                  "a CSV list with a picture and a label column, and folders named after expressions."),
             "See docs/data-sets.md; folders with numbers need --label-order.");
}

}  // namespace

DataSet read_data_set(const fs::path& path, const ReadOptions& options) {
  const LabelOrder order = options.label_order.empty() ? LabelOrder() : LabelOrder::named(options.label_order);
  std::optional<std::string> list;
  if (is_list_file(path)) list = path.filename().string();
  DataSet set;
  set.tree = FileTree::open(list ? (path.has_parent_path() ? path.parent_path() : fs::path(".")) : path);
  std::string layout = list ? "csv" : options.layout;
  if (layout == "auto") layout = detect_layout(*set.tree, order, list);
  if (layout == "csv" && !list) {
    list = find_list(*set.tree);
    check_input(list.has_value(), path.string() + ": holds no CSV list with a picture and a label column.",
                "Give the list itself.");
  }
  if (layout == "ferplus")
    set.listing = read_ferplus(*set.tree, options.ferplus);
  else if (layout == "csv")
    set.listing = read_list(*set.tree, *list, order);
  else if (layout == "folders")
    set.listing = read_class_folders(*set.tree, order);
  else
    fail_usage(text("Unknown layout ", quote(layout), "."),
               did_you_mean(layout, {"auto", "ferplus", "folders", "csv"}));
  check_input(!set.listing.items.empty(),
              text(path.string(), ": no picture with a label was read. ", set.listing.findings.first_defect()),
              "See docs/data-sets.md for the layouts.");
  split_listing(set.listing, options.shares);
  return set;
}

}  // namespace mien::dataset
