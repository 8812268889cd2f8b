// The engine of ELLA-SD1.5: composes the rooms of model/ behind the seam.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/api/engine.h"
#include "model/engine/loaded_model.h"
#include "model/runtime/device.h"
#include "model/vae/preview_decoder.h"

namespace ella {

class EllaEngine : public Engine {
 public:
  static absl::StatusOr<std::unique_ptr<Engine>> Create(
      const EngineOptions& options);

  const ModelInfo& info() const override { return info_; }
  absl::StatusOr<TokenCount> CountTokens(const Text& text) const override;
  std::vector<absl::StatusOr<EncodingPtr>> Encode(
      absl::Span<const Text> texts) override;
  absl::StatusOr<std::unique_ptr<Row>> Start(const RowParams& params) override;
  std::vector<absl::Status> Step(absl::Span<Row* const> rows) override;
  absl::StatusOr<RgbImage> Preview(const Row& row, PreviewKind kind,
                                   int max_side) override;
  std::vector<absl::StatusOr<RgbImage>> Decode(
      absl::Span<Row* const> rows) override;

 private:
  EllaEngine(ModelInfo info, LoadedModel model, const ComputePlan& plan);

  absl::StatusOr<TokenizedText> Tokenize(const Text& text) const;
  absl::StatusOr<EncodingPtr> EncodeOne(const Text& text) const;
  // latents [B, C, h, w] float32 -> [B, 3, H, W] around -1 to 1
  at::Tensor DecodeLatents(const at::Tensor& latents) const;

  const ModelInfo info_;
  const LoadedModel model_;
  const ComputePlan plan_;
  const PreviewDecoder preview_decoder_;
};

}  // namespace ella
