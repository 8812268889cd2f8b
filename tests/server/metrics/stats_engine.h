#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/api/engine.h"

namespace ella {

// An engine that only says who it is and how it does.
class StatsEngine final : public Engine {
 public:
  explicit StatsEngine(std::string name) {
    info_.name = std::move(name);
    info_.fingerprint = "0123";
    info_.device = "cuda:0";
    info_.dtype = "float16";
    info_.t5_dtype = "float32";
  }

  EngineStats* mutable_stats() { return &stats_; }

  const ModelInfo& info() const override { return info_; }
  EngineStats stats() const override { return stats_; }

  absl::StatusOr<TokenCount> CountTokens(const Text&) const override {
    return TokenCount();
  }
  EncodingPtr FindEncoding(const Text&) override { return nullptr; }
  std::vector<absl::StatusOr<EncodingPtr>> Encode(
      absl::Span<const Text>) override {
    return {};
  }
  absl::StatusOr<std::unique_ptr<Row>> Start(const RowParams&) override {
    return absl::UnimplementedError("Start");
  }
  std::vector<absl::Status> Step(absl::Span<Row* const>) override { return {}; }
  absl::StatusOr<std::unique_ptr<Decoding>> StartPreview(const Row&,
                                                         PreviewKind,
                                                         int) override {
    return absl::UnimplementedError("StartPreview");
  }
  absl::StatusOr<std::unique_ptr<Decoding>> StartDecode(
      absl::Span<Row* const>) override {
    return absl::UnimplementedError("StartDecode");
  }
  void ResetPeakMemory() override {}

 private:
  ModelInfo info_;
  EngineStats stats_;
};

}  // namespace ella
