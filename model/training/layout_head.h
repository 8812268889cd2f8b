// What the text encoders learn words by: the coarse layout of a picture, told
// from its caption alone.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "model/training/parameter_set.h"
#include "model/writing/tensor_shapes.h"

namespace ella {

// Along each side of a layout.
inline constexpr int64_t kLayoutCells = 8;

// [B, 3, side, side] with objects on a plain background, as the demo world's ->
// [B, cells * cells, 4] float32: the mean colour of each cell, with the
// background as 0, and how much of it objects cover (0 to 2; else it would
// count less than three colours). Cover doesn't depend on colours, which cancel
// on average, and most of a picture's variance is in a background that the
// caption often leaves open: both hide for long what words for places mean.
at::Tensor LayoutOf(const at::Tensor& images);

// The colours of layouts as pictures [B, 3, side, side].
at::Tensor DrawLayout(const at::Tensor& layouts, int64_t side);

// A small network from the mean of an encoder's tokens, so that every token has
// to know the caption, the padding after it as well. Names begin with `prefix`.
std::vector<TensorShape> LayoutHeadShapes(const std::string& prefix,
                                          int64_t text_width);

// Tokens [B, T, width]; mask [B, T], 1 for those that count, or undefined ->
// [B, cells * cells, 4] float32.
at::Tensor PredictLayout(const ParameterSet& head, const std::string& prefix,
                         const at::Tensor& tokens, const at::Tensor& mask);

}  // namespace ella
