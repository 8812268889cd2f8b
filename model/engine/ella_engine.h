// The engine of ELLA-SD1.5: composes the rooms of model/ behind the seam.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/api/engine.h"
#include "model/ella/connector_cache.h"
#include "model/engine/ella_row.h"
#include "model/engine/loaded_model.h"
#include "model/engine/staged_decoding.h"
#include "model/engine/text_conditioner.h"
#include "model/runtime/device.h"
#include "model/vae/preview_decoder.h"

namespace ella {

class EllaEngine : public Engine {
 public:
  static absl::StatusOr<std::unique_ptr<Engine>> Create(
      const EngineOptions& options);

  const ModelInfo& info() const override { return info_; }
  absl::StatusOr<TokenCount> CountTokens(const Text& text) const override {
    return text_conditioner_.CountTokens(text);
  }
  EncodingPtr FindEncoding(const Text& text) override {
    return text_conditioner_.Find(text);
  }
  std::vector<absl::StatusOr<EncodingPtr>> Encode(
      absl::Span<const Text> texts) override {
    return text_conditioner_.Encode(texts);
  }
  absl::StatusOr<std::unique_ptr<Row>> Start(const RowParams& params) override;
  std::vector<absl::Status> Step(absl::Span<Row* const> rows) override;
  absl::StatusOr<std::unique_ptr<Decoding>> StartPreview(const Row& row,
                                                         PreviewKind kind,
                                                         int max_side) override;
  absl::StatusOr<std::unique_ptr<Decoding>> StartDecode(
      absl::Span<Row* const> rows) override;
  EngineStats stats() const override;
  void ResetPeakMemory() override;

 private:
  EllaEngine(const EngineOptions& options, ModelInfo info, LoadedModel model,
             const ComputePlan& plan);

  std::vector<absl::Status> StepTogether(absl::Span<EllaRow* const> rows);
  // Pixels of latents by the VAE, the longer side at most max_side unless 0.
  std::vector<StagedDecoding::Stage> VaeStages(int max_side) const;
  std::vector<StagedDecoding::Stage> RgbStages(int max_side) const;

  const ModelInfo info_;
  const LoadedModel model_;
  const ComputePlan plan_;
  const bool batch_invariant_;
  TextConditioner text_conditioner_;
  ConnectorCache connector_cache_;
  const PreviewDecoder preview_decoder_;
};

}  // namespace ella
