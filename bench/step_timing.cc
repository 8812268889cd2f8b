#include "bench/step_timing.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace ella {
namespace {

constexpr char kPrompt[] =
    "a red fox in a green coat reads a newspaper on a bench in the rain";
constexpr float kGuidanceScale = 10;

using Rows = std::vector<std::unique_ptr<Row>>;

absl::StatusOr<EncodingPtr> EncodeText(Engine* engine,
                                       const std::string& text) {
  return engine->Encode({{text, TokenMode::kT5Flexible}}).at(0);
}

absl::StatusOr<Durations> Repeat(int warmup, int calls,
                                 absl::FunctionRef<absl::Status()> call) {
  std::vector<double> seconds;
  for (int i = 0; i < warmup + calls; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (absl::Status status = call(); !status.ok()) return status;
    if (i < warmup) continue;
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count());
  }
  return Durations(std::move(seconds));
}

absl::StatusOr<Rows> StartRows(Engine* engine, int width, int height,
                               int unet_rows, int steps) {
  const absl::StatusOr<EncodingPtr> prompt = EncodeText(engine, kPrompt);
  if (!prompt.ok()) return prompt.status();
  const absl::StatusOr<EncodingPtr> negative = EncodeText(engine, "");
  if (!negative.ok()) return negative.status();
  Rows rows;
  for (int left = unet_rows; left > 0; left -= 2) {
    RowParams params;
    params.width = width;
    params.height = height;
    params.steps = steps;
    params.seed = static_cast<uint32_t>(left);
    params.sampler = "dpmpp_2m";
    params.prompt = *prompt;
    if (left >= 2) {
      params.guidance_scale = kGuidanceScale;
      params.negative = *negative;
    }
    absl::StatusOr<std::unique_ptr<Row>> row = engine->Start(params);
    if (!row.ok()) return row.status();
    rows.push_back(*std::move(row));
  }
  return rows;
}

absl::Status StepAll(Engine* engine, const Rows& rows) {
  std::vector<Row*> batch;
  for (const std::unique_ptr<Row>& row : rows) batch.push_back(row.get());
  absl::Status result;
  for (const absl::Status& status : engine->Step(absl::MakeConstSpan(batch))) {
    result.Update(status);
  }
  return result;
}

}  // namespace

Durations::Durations(std::vector<double> seconds)
    : seconds_(std::move(seconds)) {
  std::sort(seconds_.begin(), seconds_.end());
}

double Durations::median() const {
  const size_t half = seconds_.size() / 2;
  if (seconds_.size() % 2 == 1) return seconds_[half];
  return (seconds_[half - 1] + seconds_[half]) / 2;
}

absl::StatusOr<EncodeTiming> TimeEncode(Engine* engine,
                                        const TimingOptions& options) {
  int tokens = 0;
  absl::StatusOr<Durations> durations =
      Repeat(options.warmup, options.steps, [&] {
        const absl::StatusOr<EncodingPtr> encoding =
            EncodeText(engine, kPrompt);
        if (encoding.ok()) tokens = (*encoding)->tokens().used;
        return encoding.status();
      });
  if (!durations.ok()) return durations.status();
  return EncodeTiming{tokens, *std::move(durations)};
}

absl::StatusOr<StepTiming> TimeStep(Engine* engine, int width, int height,
                                    int rows, const TimingOptions& options) {
  const absl::StatusOr<Rows> started =
      StartRows(engine, width, height, rows, options.warmup + options.steps);
  if (!started.ok()) return started.status();
  absl::StatusOr<Durations> durations = Repeat(
      options.warmup, options.steps, [&] { return StepAll(engine, *started); });
  if (!durations.ok()) return durations.status();
  return StepTiming{width, height, rows, *std::move(durations)};
}

absl::StatusOr<DecodeTiming> TimeDecode(Engine* engine, int width, int height,
                                        const TimingOptions& options) {
  const absl::StatusOr<Rows> rows =
      StartRows(engine, width, height, /*unet_rows=*/1, /*steps=*/1);
  if (!rows.ok()) return rows.status();
  if (absl::Status status = StepAll(engine, *rows); !status.ok()) return status;
  absl::StatusOr<Durations> durations = Repeat(
      /*warmup=*/0, options.decodes, [&] {
        return FinishDecoding(engine->StartDecode({rows->front().get()}))
            .at(0)
            .status();
      });
  if (!durations.ok()) return durations.status();
  return DecodeTiming{width, height, *std::move(durations)};
}

}  // namespace ella
