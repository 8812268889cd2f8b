#include "server/scheduling/warm_up.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace ella {
namespace {

// Of the memory that is free after loading, the share that steps may use.
constexpr double kMemoryShare = 0.8;
// One step to let allocators and kernels settle, and those that are timed.
constexpr int kTimedSteps = 2;

class WarmUpRun {
 public:
  WarmUpRun(Engine* engine, EncodingPtr text, const Clock* clock,
            StepCostTable* costs)
      : engine_(engine), text_(std::move(text)), clock_(clock), costs_(costs) {}

  absl::Status Measure(int width, int height, int rows) {
    std::vector<std::unique_ptr<Row>> owned;
    std::vector<Row*> batch;
    for (int i = 0; i < rows; ++i) {
      absl::StatusOr<std::unique_ptr<Row>> row =
          Start(width, height, 1 + kTimedSteps);
      if (!row.ok()) return row.status();
      batch.push_back(row->get());
      owned.push_back(*std::move(row));
    }
    const int pixels =
        batch[0]->key().latent_height * batch[0]->key().latent_width;
    for (int i = 0; i < 1 + kTimedSteps; ++i) {
      const absl::Time begin = clock_->Now();
      for (const absl::Status& status : engine_->Step(batch)) {
        if (!status.ok()) return status;
      }
      if (i > 0) costs_->Observe(pixels, rows, clock_->Now() - begin);
    }
    return absl::OkStatus();
  }

  // Finds the limits of a size, with twice as many rows as long as there is
  // time; two rows, a guided image, at least.
  absl::Status MeasureSize(int width, int height, int max_rows,
                           absl::Time until) {
    const int pixels = LatentPixels(width, height);
    for (int rows = 1; rows <= max_rows; rows *= 2) {
      const absl::Duration foreseen =
          costs_->StepTime(pixels, rows) * (1 + kTimedSteps);
      if (rows > 2 && clock_->Now() + foreseen > until) break;
      engine_->ResetPeakMemory();
      const MemoryStats before = engine_->stats().memory;
      const absl::Status status = Measure(width, height, rows);
      if (absl::IsResourceExhausted(status) && rows > 1) {
        costs_->CapRows(pixels, rows / 2);
        break;
      }
      if (!status.ok()) return status;
      RecordMemory(engine_->stats().memory.peak_bytes - before.used_bytes,
                   rows * pixels);
    }
    costs_->SetLimitFromTimes(pixels);
    return absl::OkStatus();
  }

  absl::Status MeasureDecode(int width, int height) {
    absl::StatusOr<std::unique_ptr<Row>> row = Start(width, height, 1);
    if (!row.ok()) return row.status();
    Row* const rows[] = {row->get()};
    if (absl::Status s = engine_->Step(rows)[0]; !s.ok()) return s;
    for (int i = 0; i < 2; ++i) {
      const absl::Time begin = clock_->Now();
      const absl::Status status =
          FinishDecoding(engine_->StartDecode(rows))[0].status();
      if (!status.ok()) return status;
      if (i > 0) {
        costs_->ObserveDecode(LatentPixels(width, height), 1,
                              clock_->Now() - begin);
      }
    }
    return absl::OkStatus();
  }

  double bytes_per_pixel() const { return bytes_per_pixel_; }

 private:
  // The largest step tells most: what libraries take for themselves when they
  // are first used counts least in it.
  void RecordMemory(int64_t bytes, int pixels) {
    if (pixels < most_pixels_) return;
    most_pixels_ = pixels;
    bytes_per_pixel_ = static_cast<double>(bytes) / pixels;
  }

  int LatentPixels(int width, int height) const {
    const int scale = engine_->info().latent_scale;
    return (width / scale) * (height / scale);
  }

  absl::StatusOr<std::unique_ptr<Row>> Start(int width, int height,
                                             int steps) const {
    RowParams params;
    params.width = width;
    params.height = height;
    params.steps = steps;
    params.sampler = engine_->info().samplers[0];
    params.prompt = text_;
    return engine_->Start(params);
  }

  Engine* const engine_;
  const EncodingPtr text_;
  const Clock* const clock_;
  StepCostTable* const costs_;
  double bytes_per_pixel_ = 0;  // of a row, by latent pixel
  int most_pixels_ = 0;         // in one step
};

}  // namespace

absl::Status WarmUp(Engine* engine, const BatchOptions& options,
                    const RequestLimits& limits, const Clock* clock,
                    StepCostTable* costs) {
  const absl::Time until = clock->Now() + options.warm_up_time;
  absl::StatusOr<EncodingPtr> text = engine->Encode({Text{}})[0];
  if (!text.ok()) return text.status();
  const int64_t free_bytes = engine->stats().memory.free_bytes;
  WarmUpRun run(engine, *text, clock, costs);
  const ModelInfo& info = engine->info();
  const int width = info.default_width, height = info.default_height;
  absl::Status status = run.MeasureDecode(width, height);
  if (status.ok()) {
    status = run.MeasureSize(width, height, options.max_batch_rows, until);
  }
  // Half and twice the side.
  const int scale = info.latent_scale;
  for (const auto& [w, h] :
       {std::pair{width / 2 / scale * scale, height / 2 / scale * scale},
        std::pair{2 * width, 2 * height}}) {
    const absl::Duration foreseen =
        costs->StepTime((w / scale) * (h / scale), 2) * 10;
    if (!status.ok() || w == 0 || h == 0 ||
        static_cast<int64_t>(w) * h > limits.max_pixels ||
        clock->Now() + foreseen > until) {
      continue;
    }
    status = run.MeasureSize(w, h, options.max_batch_rows, until);
  }
  if (!status.ok()) return status;
  costs->SetMemory(
      run.bytes_per_pixel(),
      static_cast<int64_t>(kMemoryShare * static_cast<double>(free_bytes)));
  return absl::OkStatus();
}

}  // namespace ella
