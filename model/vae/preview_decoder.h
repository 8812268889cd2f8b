// Pictures of latents at almost no cost: a linear map from the channels of a
// latent to the colour of its place, fitted to the VAE at hand.
#pragma once

#include <ATen/ATen.h>

#include "model/vae/vae_decoder.h"

namespace ella {

class PreviewDecoder {
 public:
  // Decodes some noise and fits the map to the result by least squares. The
  // latents are those that the VAE takes, divided by the scaling factor.
  PreviewDecoder(const VaeDecoder& vae, const VaeConfig& config,
                 at::Device device, at::ScalarType dtype);

  // z [B, latent_channels, h, w] float32 -> [B, 3, h, w] around -1 to 1
  at::Tensor forward(const at::Tensor& z) const;

 private:
  at::Tensor map_;  // [latent_channels + 1, 3], the last row a constant
};

// x [B, 3, H, W] made smaller, if need be, so that no side is over max_side
// pixels; as it is where max_side is 0.
at::Tensor LimitSide(const at::Tensor& x, int max_side);

}  // namespace ella
