// What the text encoders learn words by: the coarse layout of a picture, told
// from its caption alone.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "model/training/parameter_set.h"
#include "model/writing/tensor_shapes.h"

namespace ella {

// [N, 3, side, side] with objects on a plain background, as the demo world's ->
// [N, cells * cells, 4] float32: the mean colour of each cell, with the
// background as 0, and how much of it objects cover (0 to 2; else it would
// count less than three colours). Cover doesn't depend on colours, which cancel
// on average, and most of a picture's variance is in a background that the
// caption often leaves open: both hide for long what words for places mean.
at::Tensor CellsOf(const at::Tensor& images, int64_t cells);

// Along each side of a layout.
inline constexpr int64_t kLayoutCells = 8;

inline constexpr int64_t kLayoutRows = kLayoutCells * kLayoutCells + 1;

// -> [N, rows, 4] float32: the cells and, for captions that don't tell places,
// a last row with the colour of what is covered and, times 16, how much of the
// picture that is.
at::Tensor LayoutOf(const at::Tensor& images);

// The layouts with what is not `placed` [N] bool everywhere alike: where it is
// nobody can tell, and the error of guesses would hide that of all else.
at::Tensor SpreadUnplaced(const at::Tensor& layouts, const at::Tensor& placed);

// The colours of the cells of layouts [N, rows, 4] as pictures [N, 3, side,
// side].
at::Tensor DrawLayout(const at::Tensor& layouts, int64_t side);

// The layouts of shapes [B, shapes, rows, 4], and after them one that tells in
// its last row, times 3, of the background [B, 4]: colour and 1, or zeros.
at::Tensor WithBackground(const at::Tensor& layouts,
                          const at::Tensor& backgrounds);

// A small network that looks for each shape and the background among an
// encoder's tokens, so that some token has to know all that the caption says of
// it.
std::vector<TensorShape> LayoutHeadShapes(int64_t text_width);

// Tokens [B, T, width]; mask [B, T], 1 for those that count, or undefined ->
// [B, shapes + 1, rows, 4] float32, as WithBackground.
at::Tensor PredictLayout(const ParameterSet& head, const at::Tensor& tokens,
                         const at::Tensor& mask);

}  // namespace ella
