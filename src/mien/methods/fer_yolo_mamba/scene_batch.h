// SPDX-License-Identifier: Apache-2.0
// Batches of pictures with boxes: augmentation of the loader's pictures before a step (card 4), and their faces for the
// loss.
#pragma once

#include "mien/batch/batch.h"
#include "mien/face/input_spec.h"

namespace mien::methods::fer_yolo_mamba {

/// Random further pictures that come with each picture of a batch: three for its mosaic and one to mix with.
inline constexpr int kFurther = 4;

struct SceneOptions {
  bool mosaic = true;  ///< half of the time, while less than 70 % of the run is done; needs kFurther further pictures
  bool mixup = true;   ///< half of the mosaics
};

/// Packed pictures → network input, with no change except the size.
batch::View scene_view(const face::InputSpec& input);

/// Augments every picture of a batch; boxes follow. `progress`: completed share of the whole run. With mosaics the
/// batch has B·(1 + kFurther) rows (batch::Wrap) and B afterwards.
void augment_batch(batch::Batch& batch, const face::InputSpec& input, const SceneOptions& options,
                   at::Generator& generator, double progress);

/// The batch's boxes in the loss's form: (n,5) per picture, centre x and y, width, height in pixels of the images,
/// class, on the images' device.
std::vector<at::Tensor> faces_of(const batch::Batch& batch);

}  // namespace mien::methods::fer_yolo_mamba
