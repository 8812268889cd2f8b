#include "model/vae/preview_decoder.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>

namespace ella {
namespace {

constexpr uint64_t kSeed = 1;
constexpr int64_t kSide = 16;    // latents along a side of the probe
constexpr int64_t kPatch = 2;    // latents of equal value, along a side
constexpr double kRidge = 1e-3;  // keeps the fit defined for any VAE

// [B, C, h, w] -> [B * h * w, C + 1], the last column of ones
at::Tensor AsRows(const at::Tensor& z) {
  const at::Tensor rows = z.permute({0, 2, 3, 1}).flatten(0, 2);
  return at::cat({rows, at::ones({rows.size(0), 1}, rows.options())}, 1);
}

}  // namespace

PreviewDecoder::PreviewDecoder(const VaeDecoder& vae, const VaeConfig& config,
                               at::Device device, at::ScalarType dtype) {
  const at::Tensor patches = at::randn(
      {1, config.latent_channels, kSide / kPatch, kSide / kPatch},
      at::detail::createCPUGenerator(kSeed), at::TensorOptions(at::kFloat));
  // Latents of a trained VAE have unit variance before this division.
  const at::Tensor z =
      at::upsample_nearest2d(patches, {kSide, kSide}) / config.scaling_factor;
  const at::Tensor image =
      vae.forward(z.to(device, dtype)).to(at::kCPU, at::kFloat);
  const at::Tensor colours =
      at::adaptive_avg_pool2d(image.clamp(-1, 1), {kSide, kSide})
          .permute({0, 2, 3, 1})
          .flatten(0, 2);
  const at::Tensor rows = AsRows(z);
  const at::Tensor gram =
      rows.t().mm(rows) + kRidge * at::eye(rows.size(1), rows.options());
  map_ = at::linalg_solve(gram, rows.t().mm(colours)).to(device);
}

at::Tensor PreviewDecoder::forward(const at::Tensor& z) const {
  return AsRows(z)
      .mm(map_)
      .view({z.size(0), z.size(2), z.size(3), 3})
      .permute({0, 3, 1, 2});
}

at::Tensor LimitSide(const at::Tensor& x, int max_side) {
  const int64_t height = x.size(2), width = x.size(3);
  const int64_t longer = std::max(height, width);
  if (max_side == 0 || longer <= max_side) return x;
  return at::adaptive_avg_pool2d(
      x, {std::max<int64_t>(1, height * max_side / longer),
          std::max<int64_t>(1, width * max_side / longer)});
}

}  // namespace ella
