#pragma once

#include <map>
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
// records each batch, and can be told to fail or to wait. Thread-safe.
class FakeEngine final : public Engine {
 public:
  // Where there is a clock, each step moves it by one second.
  explicit FakeEngine(FakeClock* clock = nullptr);

  // The seeds of the rows of each Step so far.
  std::vector<std::vector<uint32_t>> batches() const;
  // The texts of each Encode so far.
  std::vector<std::vector<std::string>> encoded() const;
  // Sides of each Preview asked for.
  std::vector<int> preview_sides() const;

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
  std::vector<absl::StatusOr<EncodingPtr>> Encode(
      absl::Span<const Text> texts) override;
  absl::StatusOr<std::unique_ptr<Row>> Start(const RowParams& params) override;
  std::vector<absl::Status> Step(absl::Span<Row* const> rows) override;
  absl::StatusOr<RgbImage> Preview(const Row& row, PreviewKind kind,
                                   int max_side) override;
  std::vector<absl::StatusOr<RgbImage>> Decode(
      absl::Span<Row* const> rows) override;

 private:
  class FakeRow;

  ModelInfo info_;
  FakeClock* const clock_;

  mutable absl::Mutex mutex_;
  std::vector<std::vector<uint32_t>> batches_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::vector<std::string>> encoded_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> preview_sides_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<uint32_t, int>, absl::Status> step_failures_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Status> encode_failures_ ABSL_GUARDED_BY(mutex_);
  std::map<uint32_t, absl::Status> decode_failures_ ABSL_GUARDED_BY(mutex_);
  bool blocked_ ABSL_GUARDED_BY(mutex_) = false;
  int steps_allowed_ ABSL_GUARDED_BY(mutex_) = 0;
  int steps_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  int rows_alive_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ella
