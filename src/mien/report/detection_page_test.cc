// SPDX-License-Identifier: Apache-2.0
#include "mien/report/detection_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace mien::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(DetectionPage, ShowsFiguresAndOneCurvePerClassThatOccurs) {
  const testing::TempDir dir;
  pack::PackInfo info;
  info.width = info.height = 10;
  info.classes = {"neutral", "<b>joy</b>", "fear"};
  info.data_set = "scenes";
  pack::PackWriter writer(dir / "s.pack", info);
  pack::Sample s;
  s.split = pack::Split::test;
  s.boxes = std::vector<face::LabelledBox>{{{0, 0, 5, 5}, 0}, {{5, 5, 5, 5}, 1}};
  writer.add(s, std::vector<std::uint8_t>(100));
  writer.commit();
  const pack::Pack pack(dir / "s.pack");
  const score::BoxPredictor predictor = [](std::span<const std::uint32_t>) {
    return std::vector<std::vector<face::ScoredBox>>{{{{0, 0, 5, 5}, 0.9f, 0}}};
  };
  const auto e = score::evaluate_boxes(predictor, info.classes, pack, pack::Split::test, {});
  const std::string html =
      detection_page(e, {"m.onnx", "s.pack", "test", "single", "mien eval", 0}, pack, "a = 1").render();
  EXPECT_THAT(html, HasSubstr("mAP50"));
  EXPECT_THAT(html, HasSubstr("50.0 %"));  // one class found, one not, one that does not occur
  EXPECT_THAT(html, HasSubstr("Precision against recall, by class"));
  EXPECT_THAT(html, HasSubstr("&lt;b&gt;joy&lt;/b&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<b>joy")));
  EXPECT_THAT(html, HasSubstr("a = 1"));
}

}  // namespace
}  // namespace mien::report
