// What is asked of a UNet's cross-attention beside the noise: that it tells
// each place of the latents what the caption has there, so that a word's
// meaning goes where the word's object is (after TokenCompose, Wang et al.,
// arXiv 2312.03626, with a linear probe in place of its masks of attention).
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "model/training/parameter_set.h"
#include "model/unet/transformer_block.h"
#include "model/writing/model_sizes.h"
#include "model/writing/tensor_shapes.h"

namespace ella {

// One probe for each transformer.
std::vector<TensorShape> GroundingProbeShapes(const UnetSizes& sizes);

// The squared error of the colours and covers that the probes read off what the
// latents were told; the mean of all transformers. Images [N, 3, side, side],
// latents of squares.
at::Tensor GroundingError(const ParameterSet& probes,
                          const std::vector<CrossAttention>& seen,
                          const at::Tensor& images);

}  // namespace ella
