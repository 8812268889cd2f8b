// What the engine keeps behind the opaque handles of the seam.
#pragma once

#include <ATen/ATen.h>

#include <memory>

#include "absl/types/span.h"
#include "model/api/engine.h"
#include "model/ella/connector_cache.h"
#include "model/sampling/sampler.h"

namespace ella {

class EllaEncoding : public Encoding {
 public:
  EllaEncoding(int64_t id, TokenMode mode, TokenCount tokens,
               at::Tensor features)
      : id_(id), mode_(mode), tokens_(tokens), features_(std::move(features)) {}

  TokenCount tokens() const override { return tokens_; }
  // No other encoding of the engine ever has the same.
  int64_t id() const { return id_; }
  TokenMode mode() const { return mode_; }
  // [1, T, width] on the engine's device in its dtype: T5's output, for the
  // connector, or CLIP's, for the UNet.
  const at::Tensor& features() const { return features_; }

 private:
  const int64_t id_;
  const TokenMode mode_;
  const TokenCount tokens_;
  const at::Tensor features_;
};

class EllaRow : public Row {
 public:
  EllaRow(BatchKey key, const RowParams& params,
          std::unique_ptr<Sampler> sampler, at::Generator generator,
          at::Tensor latents)
      : key_(std::move(key)),
        prompt_(std::static_pointer_cast<const EllaEncoding>(params.prompt)),
        negative_(
            std::static_pointer_cast<const EllaEncoding>(params.negative)),
        guidance_scale_(params.guidance_scale),
        sampler_(std::move(sampler)),
        generator_(std::move(generator)),
        latents_(std::move(latents)) {}

  const BatchKey& key() const override { return key_; }
  int step() const override { return sampler_->call(); }
  int num_steps() const override { return sampler_->num_calls(); }
  int connector_cache_hits() const override { return connector_cache_hits_; }

  const EllaEncoding& prompt() const { return *prompt_; }
  // Null without guidance.
  const EllaEncoding* negative() const { return negative_.get(); }
  float guidance_scale() const { return guidance_scale_; }
  // Of the steps to come, the next one first.
  absl::Span<const float> timesteps() const {
    return absl::MakeConstSpan(sampler_->timesteps()).subspan(sampler_->call());
  }
  // Connector outputs for the steps to come.
  ConnectorCache::Ahead* ahead(bool negative) {
    return negative ? &negative_ahead_ : &prompt_ahead_;
  }
  // [1, C, h, w] float32
  at::Tensor ModelInput() const { return sampler_->ScaleInput(latents_); }
  const at::Tensor& latents() const { return latents_; }
  const at::Tensor& denoised() const { return sampler_->denoised(); }

  // eps [1, C, h, w] float32, after guidance.
  void Advance(const at::Tensor& eps, int connector_cache_hits) {
    latents_ = sampler_->Step(latents_, eps, generator_);
    connector_cache_hits_ += connector_cache_hits;
  }

 private:
  const BatchKey key_;
  const std::shared_ptr<const EllaEncoding> prompt_;
  const std::shared_ptr<const EllaEncoding> negative_;
  const float guidance_scale_;
  const std::unique_ptr<Sampler> sampler_;
  at::Generator generator_;
  at::Tensor latents_;
  ConnectorCache::Ahead prompt_ahead_, negative_ahead_;
  int connector_cache_hits_ = 0;
};

}  // namespace ella
