// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/crops.h"

namespace mien::methods::ada_df {

at::Tensor ten_crops(const at::Tensor& images) {
  const std::int64_t height = images.size(2), width = images.size(3), h = height * 7 / 8, w = width * 7 / 8;
  const std::int64_t bottom = height - h, right = width - w;
  const std::pair<std::int64_t, std::int64_t> corners[] = {
      {0, 0}, {0, right}, {bottom, 0}, {bottom, right}, {bottom / 2, right / 2}};
  std::vector<at::Tensor> crops;
  for (const auto& [y, x] : corners) crops.push_back(images.narrow(2, y, h).narrow(3, x, w));
  // A mirror that export's recorder supports; the order of columns is a constant.
  const at::Tensor backwards = at::arange(w - 1, -1, -1, at::TensorOptions(at::kLong).device(images.device()));
  for (std::size_t i = 0; i < 5; ++i) crops.push_back(crops[i].index_select(3, backwards));
  return at::stack(crops, 1).flatten(0, 1);
}

void repeat_targets(batch::Batch& targets) {
  for (at::Tensor* t : {&targets.labels, &targets.distribution, &targets.index, &targets.true_labels})
    if (t->defined()) *t = t->repeat_interleave(kCrops, 0);
}

at::Tensor mean_of_crops(const at::Tensor& values) { return values.view({-1, kCrops, values.size(1)}).mean({1}); }

}  // namespace mien::methods::ada_df
