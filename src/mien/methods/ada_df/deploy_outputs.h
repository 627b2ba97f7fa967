// SPDX-License-Identifier: Apache-2.0
// The outputs of an exported Ada-DF, from its target branch; the auxiliary branch is left out.
#pragma once

#include "mien/method/deploy.h"
#include "mien/methods/ada_df/network.h"

namespace mien::methods::ada_df {

/// Logits z_2 (B,K), clarity a_2 (B,1), class maps (B,K,h,w): the classifier at each cell, times a_2, so that their
/// mean plus a_2 · bias is z_2.
std::vector<method::DeployOutput> deploy_outputs(const AdaDfNetImpl& network, const BranchOutput& target);

/// The same of ten crops per picture (crops.h): means over the crops, and no maps, since each crop has its own.
std::vector<method::DeployOutput> ten_crop_outputs(const BranchOutput& target);

}  // namespace mien::methods::ada_df
