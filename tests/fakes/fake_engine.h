#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "model/api/engine.h"
#include "tests/fakes/fake_clock.h"

namespace ella {

// An engine without a model. A text has as many tokens as words, and the end
// mark; a picture is noise of its seed, whose lowest byte comes first. It
// records each batch, and can be told to fail, to wait, or to remember texts.
// Thread-safe.
class FakeEngine final : public Engine {
 public:
  // Where there is a clock, each step moves it by step_time(), each slice of a
  // decoding and each pass of the text encoders by a tenth of a second.
  explicit FakeEngine(FakeClock* clock = nullptr);

  // What it says of its model; before it is used.
  void SetModel(const std::string& name, int64_t weight_bytes,
                const std::string& fingerprint = "0123");
  // Lets go of it at its end.
  void Hold(std::shared_ptr<void> held) { held_ = std::move(held); }

  // The seeds of the rows of each Step so far.
  std::vector<std::vector<uint32_t>> batches() const;
  // The texts of each Encode so far.
  std::vector<std::vector<std::string>> encoded() const;
  // Sides of each preview asked for.
  std::vector<int> preview_sides() const;
  // What went on, such as "step 1 2" with the seeds, "slice 1".
  std::vector<std::string> history() const;

  // Finds what it has encoded before.
  void RememberTexts();
  // How long a step of so many rows takes; a second for any by default.
  void SetStepTime(std::function<absl::Duration(int unet_rows)> step_time);
  // More latent pixels over all UNet rows don't fit the memory.
  void SetMostPixels(int latent_pixels);
  // Bytes that each latent pixel of a UNet row takes, out of so many.
  void SetMemory(int64_t bytes_per_latent_pixel, int64_t free_bytes);
  // Slices of a decoding; 1 by default.
  void SetDecodeSlices(int slices);

  // The row of this seed fails as it takes this step, counted from 1.
  void FailStep(uint32_t seed, int step, absl::Status status);
  void FailEncode(const std::string& text, absl::Status status);
  void FailDecode(uint32_t seed, absl::Status status);

  // From now on a Step waits; AllowSteps lets so many go, Release all.
  void Block();
  void AllowSteps(int count);
  void Release();
  // Returns when a Step waits.
  void WaitUntilBlocked();
  int rows_alive() const;
  // Returns when as many rows live.
  void WaitForRows(int count);

  const ModelInfo& info() const override { return info_; }
  absl::StatusOr<TokenCount> CountTokens(const Text& text) const override;
  EncodingPtr FindEncoding(const Text& text) override;
  std::vector<absl::StatusOr<EncodingPtr>> Encode(
      absl::Span<const Text> texts) override;
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
  class FakeRow;
  class FakeDecoding;

  void Advance(absl::Duration time);

  ModelInfo info_;
  std::shared_ptr<void> held_;
  FakeClock* const clock_;

  mutable absl::Mutex mutex_;
  std::vector<std::vector<uint32_t>> batches_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::vector<std::string>> encoded_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> preview_sides_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<uint32_t, int>, absl::Status> step_failures_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Status> encode_failures_ ABSL_GUARDED_BY(mutex_);
  std::map<uint32_t, absl::Status> decode_failures_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> history_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, EncodingPtr> remembered_ ABSL_GUARDED_BY(mutex_);
  bool remembers_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<absl::Duration(int)> step_time_ ABSL_GUARDED_BY(mutex_);
  int most_pixels_ ABSL_GUARDED_BY(mutex_) = 1000000000;
  int64_t bytes_per_pixel_ ABSL_GUARDED_BY(mutex_) = 0;
  MemoryStats memory_ ABSL_GUARDED_BY(mutex_);
  int decode_slices_ ABSL_GUARDED_BY(mutex_) = 1;
  bool blocked_ ABSL_GUARDED_BY(mutex_) = false;
  int steps_allowed_ ABSL_GUARDED_BY(mutex_) = 0;
  int steps_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  int rows_alive_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ella
