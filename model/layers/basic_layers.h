// The layers that all the networks are made of. Each takes its parameters from
// a ParameterScope under the checkpoint's own names. Immutable once made; may
// be used by many threads.
#pragma once

#include <ATen/ATen.h>

#include "model/weights/parameter_loader.h"

namespace ella {

// Parameters of a lower precision than the input are converted at use.
class Linear {
 public:
  Linear(const ParameterScope& scope, int64_t in, int64_t out,
         bool bias = true);
  // [..., in] -> [..., out]
  at::Tensor forward(const at::Tensor& x) const;

  // With its parameters in that type, for several inputs.
  Linear To(at::ScalarType dtype) const;

 private:
  at::Tensor weight_;  // [out, in]
  at::Tensor bias_;    // [out], or undefined
};

// Square kernels. Weights are kept channels-last, which is what the fast
// kernels take.
class Conv2d {
 public:
  Conv2d(const ParameterScope& scope, int64_t in, int64_t out, int64_t kernel,
         int64_t stride = 1, int64_t padding = 0);
  // [B, in, h, w] -> [B, out, h', w']
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_;  // [out, in, kernel, kernel]
  at::Tensor bias_;    // [out]
  int64_t stride_;
  int64_t padding_;
};

// Statistics are accumulated in float32.
class GroupNorm {
 public:
  GroupNorm(const ParameterScope& scope, int64_t groups, int64_t channels,
            double eps);
  // [B, channels, h, w] -> same
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_, bias_;  // [channels]
  int64_t groups_;
  double eps_;
};

// Statistics are accumulated in float32.
class LayerNorm {
 public:
  LayerNorm(const ParameterScope& scope, int64_t width, double eps);
  // [..., width] -> same
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_, bias_;  // [width]
  double eps_;
};

// Multi-head attention of q [B, N, heads * d] on k, v [B, M, heads * d], scaled
// by 1/sqrt(d) -> [B, N, heads * d].
at::Tensor Attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  int64_t heads, bool causal = false);

// The same with `bias` [B or 1, heads, N, M] added to the logits, and the
// logits scaled by `scale`.
at::Tensor AttendWithBias(const at::Tensor& q, const at::Tensor& k,
                          const at::Tensor& v, int64_t heads,
                          const at::Tensor& bias, double scale);

}  // namespace ella
